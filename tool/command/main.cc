// The `weir` command: finds the subcommand and passes it the options.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "tool/command/commands.h"
#include "tool/command/help.h"
#include "tool/command/signals.h"
#include "tool/command/suggestion.h"
#include "tool/command/talk.h"
#include "tool/terminal/standard_output.h"

namespace {

using namespace weir_tool;

// Opens standard input, output and error if they are closed. Otherwise a socket could get one of their numbers, and be
// read or written in their place. Each is opened in the wrong direction, so that reading or writing it fails (EBADF)
// and no data is lost silently.
void open_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) >= 0) continue;
        // open(2) returns the lowest free descriptor, which is `fd`.
        [[maybe_unused]] const int opened = ::open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
    }
}

int print(const std::string& text) {
    standard_output out;
    auto shown = out.write(text);
    if (shown) shown = out.flush();
    return output_went("weir", shown) ? exit_code::ok : exit_code::failure;
}

int unknown(const std::string& word) {
    const bool is_option = word.starts_with('-');
    std::vector<std::string> known;
    if (is_option) {
        for (const auto& one : common_options()) known.push_back(fmt::format("--{}", one.name));
    } else {
        for (const auto& one : commands()) known.emplace_back(one.name);
    }
    const std::string near = nearest(word, known);
    complain("weir", fmt::format("there is no {} {}; {}", is_option ? "option" : "command", show(word),
                                 near.empty() ? "see weir --help" : fmt::format("did you mean {}?", near)));
    return exit_code::usage;
}

int start(const command& which, const std::vector<std::string>& words) {
    std::string trouble;
    const given options = parse_options(which, words, trouble);
    if (!trouble.empty()) {
        complain(fmt::format("weir {}", which.name), trouble);
        return exit_code::usage;
    }
    if (options.said("help")) return print(help_text(which));
    if (which.name == "serve") return serve(options);
    if (which.name == "connect") return connect(options);
    if (which.name == "framing") return framing(options);
    if (which.name == "explain") return explain(options);
    return demo(options);
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    hold_signals();
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    if (words.empty()) {
        complain("weir", "no command is given; see weir --help");
        return exit_code::usage;
    }
    const std::string& first = words.front();
    if (first == "--help" || first == "-h") return print(help_text());
    if (first == "--version") return print(version_text());
    const command* const which = find_command(first);
    if (which == nullptr) return unknown(first);
    try {
        return start(*which, {words.begin() + 1, words.end()});
    } catch (const std::system_error& refused) {  // thrown by std::thread
        complain(fmt::format("weir {}", which->name),
                 fmt::format("start a thread: {}: see RLIMIT_NPROC, and pids.max of the cgroup", refused.what()));
    } catch (const std::bad_alloc&) {
        complain(fmt::format("weir {}", which->name), "out of memory");
    }
    return exit_code::failure;
}
