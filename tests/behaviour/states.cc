#include "tests/behaviour/states.h"

#include <stdexcept>

namespace behaviour {
namespace {

using weir::errc;
using weir::half;

void must_be(const weir::result<void>& done, errc wanted) {
    if (!(done == wanted))
        throw std::runtime_error("another error was expected: " + (done ? "ok" : done.error().message()));
}

void bind_somewhere(network& on, handle which, weir::address& here) {
    must(on.bind(which, on.fresh_address()));
    here = *on.local_address(which);
}

void fresh(network& on, scene& made) { made.own = on.open(); }

void bound(network& on, scene& made) {
    fresh(on, made);
    bind_somewhere(on, made.own, made.bound);
}

void listening(network& on, scene& made) { made.own = listen_somewhere(on, 8, made.bound); }

void called(network& on, scene& made) {
    listening(on, made);
    made.peer = on.open();
    must(on.connect(made.peer, made.bound, {}));
    on.settle();
}

// A queue of length 0 takes one connection; whoever connects now is not answered.
void connecting(network& on, scene& made) {
    made.listener = listen_somewhere(on, 0, made.there);
    must(on.connect(on.open(), made.there, {}));
    fresh(on, made);
    must(on.set_blocking(made.own, false));
    must_be(on.connect(made.own, made.there, {}), errc::would_block);
}

void nobody_there(network& on, scene& made) {
    made.listener = on.open();
    bind_somewhere(on, made.listener, made.there);
    fresh(on, made);
}

void refused_untold(network& on, scene& made) {
    nobody_there(on, made);
    must(on.set_blocking(made.own, false));
    must_be(on.connect(made.own, made.there, {}), errc::would_block);
    on.settle();
}

void refused(network& on, scene& made) {
    nobody_there(on, made);
    must_be(on.connect(made.own, made.there, {}), errc::refused);
}

void connected(network& on, scene& made) {
    made.listener = listen_somewhere(on, 8, made.there);
    fresh(on, made);
    must(on.connect(made.own, made.there, {}));
    const auto accepted = on.accept(made.listener, {});
    if (!accepted) throw std::runtime_error(accepted.error().message());
    made.peer = accepted->connection;
}

void send(network& on, handle from) {
    const auto sent = on.send(from, "data", {});
    if (!sent) throw std::runtime_error(sent.error().message());
}

// A connection, and what happened to it since.
template <auto... steps>
void connected_and(network& on, scene& made) {
    connected(on, made);
    (steps(on, made), ...);
    on.settle();
}

void peer_sends(network& on, scene& made) { send(on, made.peer); }
void i_send(network& on, scene& made) { send(on, made.own); }
void peer_closes(network& on, scene& made) { must(on.close(made.peer)); }
void peer_aborts(network& on, scene& made) { must(on.abort(made.peer)); }
template <half which>
void i_shut(network& on, scene& made) {
    must(on.shutdown(made.own, which));
}
template <half which>
void peer_shuts(network& on, scene& made) {
    must(on.shutdown(made.peer, which));
}
void i_am_told(network& on, scene& made) {
    if (!(on.receive(made.own, 10, {}) == errc::reset)) throw std::runtime_error("a reset was expected");
}
void i_close(network& on, scene& made) { must(on.close(made.own)); }

constexpr state all[] = {
    {"fresh", "opened", false, fresh},
    {"bound", "bound to an address", false, bound},
    {"listening", "listening, nobody has called", false, listening},
    {"listening, called", "listening, and one connection waits for accept", false, called},
    {"connecting", "a non-blocking connect is under way: the peer's queue is full", true, connecting},
    {"refused, not told", "a non-blocking connect was refused since it was called", true, refused_untold},
    {"refused", "a connect was refused, and said so", false, refused},
    {"connected", "connected and accepted, nothing sent", false, connected},
    {"connected, input", "the peer has sent 4 bytes", false, connected_and<peer_sends>},
    {"I shut sending", "I have called shutdown(send)", false, connected_and<i_shut<half::send>>},
    {"I shut receiving", "I have called shutdown(receive)", false, connected_and<i_shut<half::receive>>},
    {"I shut both", "I have called shutdown(both)", false, connected_and<i_shut<half::both>>},
    {"peer shut sending", "the peer has called shutdown(send)", false, connected_and<peer_shuts<half::send>>},
    {"peer shut receiving", "the peer has called shutdown(receive)", false, connected_and<peer_shuts<half::receive>>},
    {"both shut sending", "both have called shutdown(send)", false,
     connected_and<i_shut<half::send>, peer_shuts<half::send>>},
    {"peer closed", "the peer has closed, and had read everything", false, connected_and<peer_closes>},
    {"peer closed, input", "the peer has sent 4 bytes and closed", false, connected_and<peer_sends, peer_closes>},
    {"reset", "the peer has closed without reading what I sent", false, connected_and<i_send, peer_closes>},
    {"reset, input", "the peer has sent 4 bytes, and closed without reading what I sent", false,
     connected_and<peer_sends, i_send, peer_closes>},
    {"reset, told", "a receive has said so", false, connected_and<i_send, peer_closes, i_am_told>},
    {"aborted", "the peer has closed with a linger of zero", false, connected_and<peer_aborts>},
    {"closed", "I have closed it", false, connected_and<i_close>},
};

}  // namespace

std::span<const state> states() { return all; }

void must(const weir::result<void>& done) {
    if (!done) throw std::runtime_error(done.error().message());
}

handle listen_somewhere(network& on, int backlog, weir::address& here) {
    const handle made = on.open();
    bind_somewhere(on, made, here);
    must(on.listen(made, backlog));
    return made;
}

}  // namespace behaviour
