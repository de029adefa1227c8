// `weir framing`: describes a framing in plain words, draws its bytes, and prints programs that use it.
// framing_words.cc writes the words, snippets.cc the programs.
#include <fmt/format.h>

#include <weir/base/text.h>

#include "tool/command/commands.h"
#include "tool/command/talk.h"
#include "tool/explain/anatomy.h"
#include "tool/framing/framing_words.h"
#include "tool/framing/snippets.h"
#include "tool/terminal/json.h"
#include "tool/terminal/standard_output.h"

namespace weir_tool {
namespace {

constexpr std::string_view command_name = "weir framing";

constexpr std::string_view all_kinds = R"(NAME[:ARGUMENT][,key=value]...

  lines  lines:crlf                    a line feed ends a message; end=truncated|deliver
  delimited:MARK[/MARK]...             end marks; start=BYTES  escape=WIRE:PLAIN[/WIRE:PLAIN]...
  fixed:SIZE                           every message has one size
  len8 len16 len24 len32 len64, ...le  a length before each message; mask=HEX  flags=HEX  times=N
  varint  ber                          a LEB128 length, an ASN.1 length; overlong=reject|allow
  decN  hexN  digits:MARK              a length as text: 00005, 0005, "5 "; digits: overlong=reject|allow
                                       all of these: offset=N  after=N  magic=BYTES  trailer=BYTES
                                       counts=body|payload|field|whole  short=reject|empty  header=strip|keep|after
  header:NAME                          lines like HTTP's before each message: Content-Length: 5; header=strip|keep
  netstring                            5:hello,
  record:FORMAT                        one struct, as Python's struct module writes it: !I16sf
  chunks  idle:TIME                    unframed; a gap ends a message

  max=SIZE|none  oversize=close|skip|stream  empty=allow|reject|skip
  check=xor8|sum8|lrc8|fletcher8|sum16|crc32|crc32c|crc16-arc|crc16-ccitt-false|crc16-kermit|crc16-modbus
  |crc16-x25|crc16-xmodem  cover=payload|frame|N  order=big|little

BYTES are hex digits (7e) or quoted ("\r\n"); SIZE 512, 64KiB; TIME 20ms. `weir framing F` describes one.
)";

int print(const std::string& text) {
    standard_output out;
    auto shown = out.write(text);
    if (shown) shown = out.flush();
    return output_went("weir framing", shown) ? exit_code::ok : exit_code::failure;
}

std::string in_words(const weir::framing& described) {
    std::string text =
        fmt::format("{}\n\n{}\n\n{}\n", described.to_string(), summary_of(described), layout_of(described));
    for (const auto& sentence : limits_of(described)) text += sentence + "\n";
    if (const auto example = example_of(described); !example.empty())
        text += fmt::format("\nOn the wire {}\n", example);
    if (const auto python = python_program(described); !python.empty()) {
        text += fmt::format("\nPrograms that speak it: weir framing {0} --python, weir framing {0} --cpp\n",
                            weir::quote(described.to_string()));
    }
    return text;
}

std::string as_json(const weir::framing& described) {
    json_object made("framing");
    made.add("framing", described.to_string()).add("summary", summary_of(described));
    std::vector<json_object> parts;
    for (const auto& one : parts_of(described)) {
        json_object part;
        part.add("part", one.name).add("section", section_of(one.kind)).add("meaning", one.meaning);
        if (one.size) part.add("size", *one.size);
        parts.push_back(part);
    }
    made.add("parts", parts).add("limits", limits_of(described)).add("max", described.fields().limit());
    return made.add("python", python_program(described)).add("cpp", cpp_program(described)).line();
}

}  // namespace

int framing(const given& options) {
    if (!options.said("F")) {
        for (const auto* const one : {"python", "cpp", "json"}) {
            if (options.said(one)) {
                complain(command_name, fmt::format("--{} needs a framing: name one", one));
                return exit_code::usage;
            }
        }
        return print(std::string(all_kinds));
    }
    const std::string_view text = options.text("F");
    const auto described = weir::framing::parse(text);
    if (!described) {
        complain(command_name, fmt::format("framing {}: {}", show(text), described.error().detail()));
        return exit_code::usage;
    }
    if (options.said("json")) return print(as_json(*described));
    if (!options.said("python") && !options.said("cpp")) return print(in_words(*described));
    const std::string program = options.said("python") ? python_program(*described) : cpp_program(*described);
    if (program.empty()) {
        complain(command_name,
                 fmt::format("there is no program for {}: its messages depend on how bytes arrive, or come in pieces",
                             described->to_string()));
        return exit_code::usage;
    }
    return print(program);
}

}  // namespace weir_tool
