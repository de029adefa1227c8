// T14. Sending after the peer has gone. After a normal end the first send succeeds, because this kernel does not know
// yet that the peer reads no more; the next send is a broken pipe. No signal is raised.
#include <weir/weir.h>

#include "lesson.h"
using namespace std::chrono_literals;

weir::tcp_state state_of(const weir::socket& one) { return must(weir::view_of(one)).state.value(); }

weir::task<> on_the_loop() {
    auto [client, server] = pair();
    auto channel = must(weir::adopt(std::move(client), weir::framing::lines()));
    must(server.close());
    auto end = co_await channel.receive();
    show(end == weir::errc::closed, "on the loop: receive returns the end");
    weir::result<void> sent;
    while (sent) {  // the first send succeeds
        sent = co_await channel.send("are you there?");
        co_await weir::sleep(1ms);
    }
    show(sent == weir::errc::broken_pipe, "on the loop: a later send is a broken pipe");
}

int main() {
    auto [client, server] = pair();
    must(server.close());
    show(must(client.receive(1024)).empty(), "the server has closed: receive returns the end");
    show(state_of(client) == weir::tcp_state::close_wait, "the TCP state is close_wait: the server might still read");
    const auto first = client.send("one");
    show(bool(first), "the first send succeeds");
    show(eventually([&] { return state_of(client) == weir::tcp_state::closed; }), "its answer was a reset");
    const auto second = client.send("two");
    show(second == weir::errc::broken_pipe, "the second send is a broken pipe (EPIPE), without SIGPIPE");

    auto [aborted, aborts] = pair();
    must(aborted.send("never read"));
    if (!eventually([&] { return must(weir::view_of(aborts)).unread_bytes == 10U; })) return 1;
    must(aborts.close());  // with unread input: the kernel sends a reset
    show(eventually([&] { return state_of(aborted) == weir::tcp_state::closed; }), "a reset has arrived");
    show(aborted.send("one") == weir::errc::reset, "the next send reports it once: reset (ECONNRESET)");
    show(aborted.send("two") == weir::errc::broken_pipe, "then broken pipe");

    auto [sends, vanishes] = pair();
    vanish(vanishes);
    show(sends.send("one") && sends.send("two"), "to a peer that vanished every send succeeds");
    must(sends.set(weir::option::user_timeout, 300ms));
    show(eventually([&] { return state_of(sends) == weir::tcp_state::closed; }), "until user_timeout has passed");
    show(sends.send("three") == weir::errc::timed_out, "then a send fails: timed out (ETIMEDOUT)");

    weir::run(on_the_loop());
}
