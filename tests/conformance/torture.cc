#include "tests/conformance/torture.h"

#include <algorithm>
#include <exception>
#include <new>
#include <set>
#include <utility>

#include "tests/open_descriptors.h"
#include "weir/socket/clock.h"

namespace weir_test {
namespace {

// Runs the dialogue with injected failures. Returns whether it threw std::bad_alloc.
bool runs(const dialogue& one, const tested_backend* kernel, std::size_t nth, std::size_t in_a_row, seen& all) {
    std::optional<loop> here;
    if (kernel != nullptr) here.emplace(kernel->make(0));
    try {
        const injected_failure some(nth, in_a_row, one.where);
        if (here) here->run(one.talks(all));
        else one.blocks(all);
        return false;
    } catch (const std::bad_alloc&) {
        return true;
    }
}

// Returns the name of the first failed call, or null when the dialogue makes fewer than `nth` calls that can fail.
const char* fails_at(const dialogue& one, const tested_backend* kernel, std::size_t nth, std::size_t in_a_row) {
    CAPTURE(nth);
    CAPTURE(in_a_row);
    const std::size_t descriptors = open_descriptors();
    const time_point began = weir::now();
    seen all;
    const bool was_thrown = runs(one, kernel, nth, in_a_row, all);
    const char* const failed = injected_failure::failed();
    const std::string what = failed == nullptr ? "nothing" : failed;
    CAPTURE(what);
    CAPTURE(all.reason);
    if (was_thrown) CHECK((one.where == failing::this_thread && nth <= 2));
    if (!was_thrown && all.has_begun) CHECK(all.next_was_served);
    if (!was_thrown && !all.first_was_served) CHECK_FALSE(all.reason.empty());
    CHECK(all.reason != "wrong");
    CHECK(weir::now() - began < 3s);  // no task waited until a deadline, or until a stalled send was detected
    if (failed == nullptr) CHECK(all.first_was_served);
    CHECK(open_descriptors() == descriptors);
    return failed;
}

void fails_everywhere_on(const dialogue& one, const tested_backend* kernel, const names& more) {
    fails_at(one, kernel, SIZE_MAX, 1);  // a run without failures creates the static objects
    names wanted = one.fail;
    wanted.insert(wanted.end(), more.begin(), more.end());
    std::set<std::string> failed;
    const auto has_failed = [&](const std::string& each) { return failed.contains(each); };
    // On a busy machine a run waits more or less often than the run before it, and a call that occurs once may be at
    // the number that was just tried. Then all numbers are tried again.
    for (int passes = 0; passes < 3 && !std::all_of(wanted.begin(), wanted.end(), has_failed); ++passes) {
        for (const std::size_t in_a_row : one.rows) {
            std::size_t nth = 1;
            while (const char* const what = fails_at(one, kernel, nth, in_a_row)) {
                failed.insert(what);
                nth += in_a_row == 1 ? 1 : one.rows_apart;
            }
            CHECK(nth > one.places);
        }
    }
    for (const auto& each : wanted) {
        CAPTURE(each);
        CHECK(failed.contains(each));
    }
}

}  // namespace

void fails_everywhere(const dialogue& one) {
    if (one.blocks != nullptr) return fails_everywhere_on(one, nullptr, {});
    for (const tested_backend* const kernel : {&tested_backends[0], &tested_backends[2]}) {
        CAPTURE(std::string(kernel->name));
        fails_everywhere_on(one, kernel, kernel == &tested_backends[0] ? one.fail_on_epoll : one.fail_on_uring);
    }
}

task<> talk_to(std::string where, bool& was_served, std::string& reason, wrappers through) {
    try {
        auto connecting = connect(where, std::move(through), framing::len32(), {}, loop::current().now() + 5s);
        auto made = co_await std::move(connecting);
        if (!made) {
            reason = made.error().message();
            co_return;
        }
        for (const std::size_t size : {5U, 300'000U, 7U}) {
            const std::string words(size, 'w');
            auto sent = co_await made->send(words);
            auto reply = co_await made->receive(loop::current().now() + 5s);
            if (!reply) {
                reason = sent ? reply.error().message() : sent.error().message();
                co_return;
            }
            if (reply->text() != words) {
                reason = "wrong";
                co_return;
            }
        }
        made->shutdown_send();
        auto end = co_await made->receive(loop::current().now() + 5s);
        was_served = end == errc::closed;
        if (!was_served) reason = end ? "more came" : end.error().message();
    } catch (const std::exception& thrown) {
        reason = thrown.what();
    }
}

}  // namespace weir_test
