// Stops a thread while it waits, as SIGSTOP, a debugger or an overloaded machine does.
#pragma once

#include <doctest/doctest.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <thread>

namespace weir_test {

extern "C" inline void sleep_150_ms(int) {
    const timespec time{0, 150'000'000};
    ::nanosleep(&time, nullptr);
}

// Stops the calling thread from 30 ms to 180 ms after the call, which ends its wait with EINTR. The returned thread
// calls `act` after 60 ms; its destructor waits until `act` has returned.
template <class Act>
[[nodiscard]] std::jthread stopped_while(Act act) {
    struct sigaction sleeper{};
    sleeper.sa_handler = sleep_150_ms;
    REQUIRE(::sigaction(SIGUSR1, &sleeper, nullptr) == 0);
    return std::jthread([act, stopped = ::pthread_self()] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        ::pthread_kill(stopped, SIGUSR1);
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        act();
    });
}

}  // namespace weir_test
