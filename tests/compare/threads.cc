#include "tests/compare/threads.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace compare {
namespace {

std::atomic<int> interruptions = 0;

void pause_for(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

bool sleeps(int thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const auto name_end = stat.rfind(')');
    return name_end != stat.npos && stat.size() > name_end + 2 && stat[name_end + 2] == 'S';
}

// Returns true when the thread was asleep in five checks in a row, and false when its call has ended.
bool await_sleep(const std::atomic<int>& thread, const std::atomic<bool>& done) {
    for (int seen = 0; seen < 5;) {
        if (done) return false;
        seen = thread != 0 && sleeps(thread) ? seen + 1 : 0;
        pause_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace

void catch_interruptions() {
    struct sigaction action{};
    action.sa_handler = [](int) { ++interruptions; };
    ::sigaction(SIGUSR1, &action, nullptr);  // without SA_RESTART
}

// NAME = start CALL
std::string stage::start(const call& one) {
    std::string text;
    for (const auto& word : one.operands) text.append(text.empty() ? "" : " ").append(word);
    auto made = std::make_unique<beside>();
    beside* const begun = made.get();
    begun->thread = std::jthread([this, begun, text] {
        begun->id = ::gettid();
        begun->answer = perform(text);
        begun->done = true;
    });
    threads_[one.gives.at(0)] = std::move(made);
    return "ok";
}

std::string stage::asleep(const call& one) {
    const beside& which = *threads_.at(operand(one, 0));
    return await_sleep(which.id, which.done) ? "asleep" : "done";
}

// interrupt NAME: sends a signal to the sleeping thread. Then waits until it sleeps again or its call has ended.
std::string stage::interrupt(const call& one) {
    beside& which = *threads_.at(operand(one, 0));
    const int before = interruptions;
    ::pthread_kill(which.thread.native_handle(), SIGUSR1);
    while (interruptions == before && !which.done) pause_for(std::chrono::milliseconds(1));
    return asleep(one);
}

std::string stage::join(const call& one) {
    beside& which = *threads_.at(operand(one, 0));
    which.thread.join();
    const std::string answer = which.answer;
    threads_.erase(operand(one, 0));
    return answer;
}

}  // namespace compare
