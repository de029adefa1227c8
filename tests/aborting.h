// For tests of programming mistakes: runs code in a child process, and returns what WEIR_CHECK printed.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace weir_test {

// Runs `body` in a child process. Returns what it wrote to standard error, and whether SIGABRT ended it.
template <class Body>
std::pair<std::string, bool> aborting(Body body) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        signal(SIGABRT, SIG_DFL);
        body();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char some[512];
    for (ssize_t n = 0; (n = read(ends[0], some, sizeof some)) > 0;) said.append(some, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return {said, WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT};
}

}  // namespace weir_test
