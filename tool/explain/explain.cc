// `weir explain`: draws the bytes of a file or of standard input as frames. This file reads the options and the input,
// and writes. explaining.cc draws; ranking.cc guesses the framing.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include <weir/base/text.h>

#include "tool/command/commands.h"
#include "tool/command/signals.h"
#include "tool/command/talk.h"
#include "tool/command/values.h"
#include "tool/explain/explaining.h"
#include "tool/terminal/standard_input.h"
#include "tool/terminal/standard_output.h"

namespace weir_tool {
namespace {

constexpr std::string_view program = "weir explain";
constexpr std::size_t read_bytes = 64 * 1024;

int misused(std::string_view sentence) {
    complain(program, sentence);
    return exit_code::usage;
}

// Opens the file as standard input.
std::string open_input(std::string_view name) {
    if (name == "-" || name.empty()) return {};
    const int fd = ::open(std::string(name).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::dup2(fd, STDIN_FILENO) < 0) {
        return fmt::format("{}: {}", name, std::generic_category().message(errno));
    }
    ::close(fd);
    return {};
}

// The bytes of standard input, or those that a hex dump on standard input shows.
class explained_input {
public:
    // If no kind is given, recognises the kind of the input.
    explicit explained_input(std::optional<dump_kind> kind) : bytes_(kind), room_(new std::byte[read_bytes]) {}

    // Appends the next bytes to `out`, and nothing at the end of the input. Returns false when reading failed:
    // trouble() has the reason.
    bool read(weir::buffer& out, bool& ended) {
        const std::size_t before = out.size();
        while (out.size() == before && !ended_) {
            const auto came = input_.read({room_.get(), read_bytes});
            if (!came) {
                trouble_ = came.error().message();
                return false;
            }
            ended_ = *came == 0;
            const bool was_clear = bytes_.recognised().has_value();
            trouble_ = bytes_.take({room_.get(), *came}, ended_, out);
            malformed_ = !trouble_.empty();
            if (!was_clear) tell_what_it_is();
            if (malformed_) return false;
        }
        ended = ended_;
        return true;
    }

    const std::string& trouble() const noexcept { return trouble_; }
    // True when the input is not a valid dump.
    bool malformed() const noexcept { return malformed_; }

private:
    void tell_what_it_is() const {
        const auto kind = bytes_.recognised();
        if (!kind || *kind == dump_kind::raw) return;
        inform(program, fmt::format("the input is read as {}; --in raw reads its bytes unchanged", name_of(*kind)));
    }

    shown_bytes bytes_;
    std::unique_ptr<std::byte[]> room_;
    standard_input input_;
    std::string trouble_;
    bool ended_ = false;
    bool malformed_ = false;
};

int run(explained_input& input, explanation& shown, weir::buffer& first, bool ended) {
    weir::buffer content = std::move(first);
    for (bool reading = true;;) {
        // In portions, because frame_walk keeps everything that one call gives it.
        while (!content.empty()) {
            const std::size_t portion = std::min(content.size(), read_bytes);
            if (!shown.feed(content.view().first(portion))) return exit_code::failure;
            content.consume(portion);
        }
        if (ended || !reading || shown.over()) break;
        reading = input.read(content, ended);
    }
    if (!shown.finish()) return exit_code::failure;
    if (!input.trouble().empty()) {
        complain(program, input.trouble());
        return input.malformed() ? exit_code::usage : exit_code::failure;
    }
    return shown.was_broken() ? exit_code::framing : exit_code::ok;
}

}  // namespace

int explain(const given& options) {
    std::optional<dump_kind> kind;
    if (options.said("in")) {
        const std::string_view said = options.text("in");
        if (said != "raw" && said != "hex") return misused(fmt::format("--in {}: must be raw or hex", show(said)));
        kind = said == "raw" ? dump_kind::raw : dump_kind::plain;
    }
    frame_drawing::manner how;
    how.json = options.said("json");
    if (options.text("bytes") == "all") {
        how.most_bytes = UINT64_MAX;
    } else {
        const auto most = count_value(options, "bytes");
        if (!most) return misused(fmt::format("{}, or all", describe_cause(most.error())));
        how.most_bytes = *most;
    }
    std::optional<weir::framing> described;
    if (options.said("framing")) {
        const std::string_view text = options.text("framing");
        const auto said = weir::framing::parse(text);
        if (!said) return misused(fmt::format("framing {}: {}", show(text), said.error().detail()));
        described = *said;
    }
    if (auto trouble = open_input(options.text("FILE")); !trouble.empty()) {
        complain(program, trouble);
        return exit_code::failure;
    }
    standard_output out;
    const auto show = [&out](std::string_view text, bool now) {
        return output_went(program, out.write(text)) && (!now || output_went(program, out.flush()));
    };
    const signals at_once([](int number, int) { die_by(number); });
    explained_input input(kind);
    weir::buffer first;
    bool ended = false;
    if (described) {
        explanation shown(*described, how, show);
        return run(input, shown, first, ended);
    }
    while (!ended && first.size() <= most_sample_bytes) {
        if (!input.read(first, ended)) break;
    }
    if (!input.trouble().empty()) {
        complain(program, input.trouble());
        return input.malformed() ? exit_code::usage : exit_code::failure;
    }
    const auto ranks = rank_framings(first.view(), ended);
    if (ranks.empty()) {
        complain(program, first.empty()
                              ? "there are no bytes to guess from"
                              : "none of the framings that were tried fits these bytes from beginning to end");
        return exit_code::failure;
    }
    explanation shown(ranks.front().framings.front(), how, show);
    if (!show(guess_text(ranks, how.json), false)) return exit_code::failure;
    return run(input, shown, first, ended);
}

}  // namespace weir_tool
