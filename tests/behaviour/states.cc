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

void queued(network& on, scene& made) {
    listening(on, made);
    made.peer = on.open();
    must(on.connect(made.peer, made.bound, {}));
    on.settle();
}

// An accept queue of length 0 holds one connection; the kernel does not answer the next client.
void connecting(network& on, scene& made) {
    made.listener = listen_somewhere(on, 0, made.there);
    must(on.connect(on.open(), made.there, {}));
    fresh(on, made);
    must(on.set_blocking(made.own, false));
    must_be(on.connect(made.own, made.there, {}), errc::would_block);
}

void no_listener(network& on, scene& made) {
    made.listener = on.open();
    bind_somewhere(on, made.listener, made.there);
    fresh(on, made);
}

void refused_pending(network& on, scene& made) {
    no_listener(on, made);
    must(on.set_blocking(made.own, false));
    must_be(on.connect(made.own, made.there, {}), errc::would_block);
    on.settle();
}

void refused(network& on, scene& made) {
    no_listener(on, made);
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

// Makes a connection, and performs these steps on it.
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
void reset_is_reported(network& on, scene& made) {
    if (!(on.receive(made.own, 10, {}) == errc::reset)) throw std::runtime_error("a reset was expected");
}
void i_close(network& on, scene& made) { must(on.close(made.own)); }

constexpr state all[] = {
    {"fresh", "刚打开", "opened", "新打开的套接字", false, fresh},
    {"bound", "已绑定", "bound to an address", "已绑定到一个地址", false, bound},
    {"listening", "监听中", "listening; no client has connected", "正在监听，没有客户端连接", false, listening},
    {"listening, queued", "监听中，队列非空", "listening; one connection waits for accept",
     "正在监听，全连接队列里有一个连接", false, queued},
    {"connecting", "正在连接", "a non-blocking connect is in progress: the peer's accept queue is full",
     "非阻塞的 connect 正在进行：对端的全连接队列已满", true, connecting},
    {"refused, pending", "被拒绝，未报告", "a non-blocking connect was refused; no call has reported it",
     "非阻塞的 connect 被拒绝，但还没有任何调用返回过这个错误", true, refused_pending},
    {"refused", "被拒绝", "a blocking connect was refused, and returned the error",
     "阻塞的 connect 被拒绝，并已返回错误", false, refused},
    {"connected", "已连接", "connected and accepted; nothing was sent", "已连接并已 accept，没有发送过数据", false,
     connected},
    {"connected, input", "已连接，有输入", "the peer sent 4 bytes", "对端发送了 4 字节", false,
     connected_and<peer_sends>},
    {"shutdown(send)", "shutdown(send)", "this side called shutdown(send)", "本端调用了 shutdown(send)", false,
     connected_and<i_shut<half::send>>},
    {"shutdown(receive)", "shutdown(receive)", "this side called shutdown(receive)", "本端调用了 shutdown(receive)",
     false, connected_and<i_shut<half::receive>>},
    {"shutdown(both)", "shutdown(both)", "this side called shutdown(both)", "本端调用了 shutdown(both)", false,
     connected_and<i_shut<half::both>>},
    {"peer's shutdown(send)", "对端 shutdown(send)", "the peer called shutdown(send)", "对端调用了 shutdown(send)",
     false, connected_and<peer_shuts<half::send>>},
    {"peer's shutdown(receive)", "对端 shutdown(receive)", "the peer called shutdown(receive)",
     "对端调用了 shutdown(receive)", false, connected_and<peer_shuts<half::receive>>},
    {"mutual shutdown(send)", "双方 shutdown(send)", "both sides called shutdown(send)", "双方都调用了 shutdown(send)",
     false, connected_and<i_shut<half::send>, peer_shuts<half::send>>},
    {"peer closed", "对端已关闭", "the peer read everything, and closed", "对端读完全部数据后关闭", false,
     connected_and<peer_closes>},
    {"peer closed, input", "对端已关闭，有输入", "the peer sent 4 bytes, and closed", "对端发送了 4 字节，然后关闭",
     false, connected_and<peer_sends, peer_closes>},
    {"reset", "已重置", "the peer closed without reading what this side had sent", "对端没有读本端发送的数据就关闭",
     false, connected_and<i_send, peer_closes>},
    {"reset, input", "已重置，有输入", "the peer sent 4 bytes, and closed without reading what this side had sent",
     "对端发送了 4 字节，没有读本端发送的数据就关闭", false, connected_and<peer_sends, i_send, peer_closes>},
    {"reset, reported", "已重置，已报告", "a receive has returned the reset", "接收已返回重置错误", false,
     connected_and<i_send, peer_closes, reset_is_reported>},
    {"aborted", "被中止", "the peer closed with a linger time of zero", "对端把 linger 设为 0，然后关闭", false,
     connected_and<peer_aborts>},
    {"closed", "已关闭", "this side closed the socket", "本端关闭了套接字", false, connected_and<i_close>},
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
