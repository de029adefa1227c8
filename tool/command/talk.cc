#include "tool/command/talk.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <weir/base/text.h>

#include "tool/command/option_table.h"
#include "tool/terminal/terminal_text.h"

namespace weir_tool {
namespace {

bool colour_is_welcome() {
    const auto* const refused = std::getenv("NO_COLOR");
    const auto* const terminal = std::getenv("TERM");
    return (refused == nullptr || *refused == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb" &&
           ::isatty(STDERR_FILENO) == 1;
}

std::string line(std::string_view program, std::string_view sentence, std::string_view colour) {
    static const bool coloured = colour_is_welcome();
    static const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    const std::string shown = for_terminal(sentence, is_terminal);
    return coloured ? fmt::format("{}{}:\033[0m {}\n", colour, program, shown)
                    : fmt::format("{}: {}\n", program, shown);
}

// Standard error has no buffer, so this is one write(2) of the whole line. A failure cannot be reported.
void say(const std::string& line) { std::fwrite(line.data(), 1, line.size(), stderr); }

}  // namespace

std::string complaint(std::string_view program, std::string_view sentence) {
    return line(program, sentence, "\033[1;31m");
}
std::string remark(std::string_view program, std::string_view sentence) { return line(program, sentence, "\033[1m"); }
void complain(std::string_view program, std::string_view sentence) { say(complaint(program, sentence)); }
void inform(std::string_view program, std::string_view sentence) { say(remark(program, sentence)); }

bool output_went(std::string_view program, const weir::result<void>& shown) {
    if (!shown && shown != weir::errc::broken_pipe) complain(program, describe(shown.error()));
    return static_cast<bool>(shown);
}

std::string describe(const weir::error& why) {
    if (why.operation() != "resolve") return why.message();
    return fmt::format("the address {}: {}", why.subject(), describe_cause(why));
}

std::string describe_cause(const weir::error& why) {
    return std::string(why.detail().empty() ? weir::to_string(why.code()) : why.detail());
}

std::string show(std::string_view word) { return weir::quote(word, 60); }

std::string count(std::uint64_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

int exit_code_of(const weir::error& why) {
    switch (why.code()) {
        case weir::errc::none:
        case weir::errc::closed: return exit_code::ok;
        case weir::errc::truncated:
        case weir::errc::too_large:
        case weir::errc::malformed: return exit_code::framing;
        case weir::errc::timed_out: return exit_code::timeout;
        default: return exit_code::failure;
    }
}

}  // namespace weir_tool
