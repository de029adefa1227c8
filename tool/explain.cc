// `weir explain`: bytes from a file or standard input, drawn as frames. This file reads the options and the input; what a dump
// looks like is dump_input, the frames are frame_walk and frame_drawing, the guess is ranking.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include <weir/base/text.h>

#include "commands.h"
#include "dump_input.h"
#include "frame_drawing.h"
#include "frame_walk.h"
#include "json.h"
#include "ranking.h"
#include "signals.h"
#include "standard_input.h"
#include "standard_output.h"
#include "talk.h"
#include "values.h"

namespace weir_tool {
namespace {

constexpr std::string_view who = "weir explain";
constexpr std::size_t read_bytes = 64 * 1024;

int misused(std::string_view sentence) {
    complain(who, sentence);
    return exit_code::usage;
}

// The file takes the place of standard input.
std::string open_input(std::string_view name) {
    if (name == "-" || name.empty()) return {};
    const int fd = ::open(std::string(name).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::dup2(fd, STDIN_FILENO) < 0) {
        return fmt::format("{}: {}", name, std::generic_category().message(errno));
    }
    ::close(fd);
    return {};
}

// The bytes to be explained: as they are, or those that a dump of them shows.
class explained_input {
public:
    // Without a kind it is recognised.
    explicit explained_input(std::optional<dump_kind> kind) : kind_(kind), room_(new std::byte[read_bytes]) {
        prepare();
    }

    // Appends what came to `out`; at the end nothing. False when reading failed: trouble() says why.
    bool read(weir::buffer& out, bool& ended) {
        const std::size_t before = out.size();
        while (out.size() == before && !ended_) {
            const auto came = input_.read({room_.get(), read_bytes});
            if (!came) {
                trouble_ = came.error().message();
                return false;
            }
            ended_ = *came == 0;
            if (!take({room_.get(), *came}, out)) return false;
        }
        ended = ended_;
        return true;
    }

    const std::string& trouble() const noexcept { return trouble_; }
    // A dump that is none.
    bool malformed() const noexcept { return malformed_; }

private:
    void prepare() {
        if (kind_ && *kind_ != dump_kind::raw) reader_ = std::make_unique<dump_reader>(*kind_);
    }

    bool take(weir::bytes_view came, weir::buffer& out) {
        weir::bytes_view content = came;
        if (!kind_) {
            beginning_.append(came);
            kind_ = recognise_dump(beginning_.view(), ended_);
            if (!kind_) return true;
            prepare();
            content = beginning_.view();
            if (*kind_ != dump_kind::raw) {
                tell(who, fmt::format("the input is taken for {}; --in raw takes it as it is", name_of(*kind_)));
            }
        }
        if (reader_ == nullptr) {
            out.append(content);
        } else {
            trouble_ = reader_->feed(content, out);
            if (trouble_.empty() && ended_) trouble_ = reader_->finish(out);
        }
        beginning_.release();
        malformed_ = !trouble_.empty();
        return trouble_.empty();
    }

    std::optional<dump_kind> kind_;
    std::unique_ptr<std::byte[]> room_;
    standard_input input_;
    std::unique_ptr<dump_reader> reader_;
    weir::buffer beginning_;
    std::string trouble_;
    bool ended_ = false;
    bool malformed_ = false;
};

class explanation {
public:
    explanation(const weir::framing& described, frame_drawing::manner how)
        : walk_(described), drawing_(described, how) {}

    // False when standard output takes no more.
    bool feed(weir::bytes_view content) {
        bytes_ += content.size();
        walk_.feed(content);
        return draw() && show();
    }
    bool finish() {
        walk_.finish();
        return draw() && print(drawing_.sum_up(bytes_)) && show();
    }
    // After this nothing that comes is drawn.
    bool over() const noexcept { return over_; }
    bool was_broken() const noexcept { return drawing_.was_broken(); }
    bool print(const std::string& text) { return output_went(who, out_.write(text)); }

private:
    bool draw() {
        while (!over_) {
            const auto step = walk_.next();
            if (step.what == frame_walk::more) return true;
            over_ = step.what == frame_walk::end;
            if (!print(drawing_.draw(step))) return false;
            // What is broken is told before the search for where it goes on.
            if (step.what == frame_walk::broken && !show()) return false;
        }
        return true;
    }
    bool show() { return output_went(who, out_.flush()); }

    frame_walk walk_;
    frame_drawing drawing_;
    standard_output out_;
    std::uint64_t bytes_ = 0;
    bool over_ = false;
};

constexpr std::size_t ranks_shown = 5;
constexpr std::size_t names_shown = 4;

std::string rank_line(std::size_t number, const rank& one) {
    std::string names;
    for (std::size_t i = 0; i < std::min(one.framings.size(), names_shown); ++i) {
        names += (i == 0 ? "" : ", ") + one.framings[i].to_string();
    }
    const std::size_t more = one.framings.size() - std::min(one.framings.size(), names_shown);
    if (more != 0) names += fmt::format(" and {} more", more);
    const std::string_view fit = one.framings.size() == 1   ? ""
                                 : one.framings.size() == 2 ? " (both fit)"
                                                            : " (all fit)";
    return fmt::format("{}. {}{}\n   {}\n", number, names, fit, one.why);
}

std::string rank_object(std::size_t number, const rank& one) {
    std::vector<std::string> names;
    for (const auto& described : one.framings) names.push_back(described.to_string());
    return json_object("guess").add("rank", number).add("framings", names).add("reason", one.why).line();
}

std::string guess_text(const std::vector<rank>& ranks, bool json) {
    std::string text = json ? "" : "framings that fit, the likeliest first:\n";
    for (std::size_t i = 0; i < std::min(ranks.size(), ranks_shown); ++i) {
        text += json ? rank_object(i + 1, ranks[i]) : rank_line(i + 1, ranks[i]);
    }
    return json ? text : text + fmt::format("as {}:\n", ranks.front().framings.front().to_string());
}

int run(explained_input& input, explanation& shown, weir::buffer& first, bool ended) {
    weir::buffer content = std::move(first);
    for (bool reading = true;;) {
        // In portions: the walk holds what it is fed at once.
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
        complain(who, input.trouble());
        return input.malformed() ? exit_code::usage : exit_code::failure;
    }
    return shown.was_broken() ? exit_code::framing : exit_code::ok;
}

}  // namespace

int explain(const given& options) {
    std::optional<dump_kind> kind;
    if (options.said("in")) {
        const std::string_view said = options.text("in");
        if (said != "raw" && said != "hex") return misused(fmt::format("--in {}: it is raw or hex", show(said)));
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
        complain(who, trouble);
        return exit_code::failure;
    }
    const signals at_once([](int number, int) { die_by(number); });
    explained_input input(kind);
    weir::buffer first;
    bool ended = false;
    if (described) {
        explanation shown(*described, how);
        return run(input, shown, first, ended);
    }
    while (!ended && first.size() <= most_sample_bytes) {
        if (!input.read(first, ended)) break;
    }
    if (!input.trouble().empty()) {
        complain(who, input.trouble());
        return input.malformed() ? exit_code::usage : exit_code::failure;
    }
    const auto ranks = rank_framings(first.view(), ended);
    if (ranks.empty()) {
        complain(who, first.empty() ? "there are no bytes to guess from"
                                    : "no framing that is tried fits these bytes from their beginning to their end");
        return exit_code::failure;
    }
    explanation shown(ranks.front().framings.front(), how);
    if (!shown.print(guess_text(ranks, how.json))) return exit_code::failure;
    return run(input, shown, first, ended);
}

}  // namespace weir_tool
