#include "tool/command/signals.h"

#include <pthread.h>
#include <csignal>
#include <cstdlib>

#include "tool/command/option_table.h"

namespace weir_tool {
namespace {

constexpr int wake_up = SIGUSR1;  // ends the waiting thread; sent only to that thread

sigset_t waited_for() noexcept {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

void hold_signals() {
    const sigset_t set = waited_for();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);  // threads that are started later inherit the mask
    std::signal(SIGPIPE, SIG_IGN);
}

void let_signals_kill() noexcept {
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);  // the process may have inherited SIG_IGN
    const sigset_t set = waited_for();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

signals::signals(handler on_signal) : on_signal_(std::move(on_signal)) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, wake_up);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &set, &before);
    thread_ = std::thread([this] { wait_for_them(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

signals::~signals() {
    ended_ = true;
    pthread_kill(thread_.native_handle(), wake_up);
    thread_.join();
}

void signals::wait_for_them() {
    sigset_t set = waited_for();
    sigaddset(&set, wake_up);
    for (int nth = 1; !ended_;) {
        int number = 0;
        if (sigwait(&set, &number) != 0 || ended_ || number == wake_up) continue;
        on_signal_(number, nth++);
    }
}

void die_by(int number) noexcept {
    std::signal(number, SIG_DFL);  // the process may have inherited SIG_IGN
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    std::raise(number);
    std::_Exit(exit_code::signalled + number);
}

}  // namespace weir_tool
