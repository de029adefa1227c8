// compare_driver SCRIPT...: runs each script through weir. Prints a line for each call, and at the end the state of
// every socket that is still open. driver.py does the same through Python's socket; compare.py compares their outputs.
// Unix paths are relative to the working directory.
#include <cstdio>
#include <exception>

#include "tests/compare/stage.h"
#include "tests/compare/threads.h"

namespace {

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

void play(const std::string& path) {
    say("== " + path);
    const std::size_t before = compare::open_descriptors();
    std::string twice;
    {
        compare::stage stage;
        for (const auto& [number, text] : compare::read_script(path)) {
            say(std::to_string(number) + " " + text + ": " + stage.answer(text));
            compare::settle_loopback();
        }
        for (const auto& name : stage.open_sockets()) say("end " + name + ": " + stage.answer("state " + name));
        twice = stage.twice();
    }
    say("end: " + std::to_string(compare::open_descriptors() - before) + " descriptors more");
    if (!twice.empty()) say("a port twice: " + twice);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        compare::settle_loopback();  // before any thread starts: all later threads stay on the same processor
        compare::catch_interruptions();
        for (int i = 1; i < count; ++i) play(arguments[i]);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "compare_driver: %s\n", problem.what());
        return 1;
    }
}
