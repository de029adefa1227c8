// libevent as its book teaches it: with bufferevents. For lines it calls evbuffer_readln(); for len32 it reads the
// length first.
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <cstdint>

#include "bench/echo/arguments.h"

namespace {

void echo_lines(bufferevent* client, void*) {
    evbuffer* const input = bufferevent_get_input(client);
    evbuffer* const output = bufferevent_get_output(client);
    for (;;) {
        std::size_t size = 0;
        char* const line = evbuffer_readln(input, &size, EVBUFFER_EOL_LF);
        if (line == nullptr) return;
        evbuffer_add(output, line, size);
        evbuffer_add(output, "\n", 1);
        std::free(line);
    }
}

void echo_len32(bufferevent* client, void*) {
    evbuffer* const input = bufferevent_get_input(client);
    evbuffer* const output = bufferevent_get_output(client);
    for (;;) {
        std::uint32_t length = 0;
        if (evbuffer_copyout(input, &length, sizeof length) != sizeof length) return;
        const std::size_t frame = sizeof length + ntohl(length);
        if (evbuffer_get_length(input) < frame) return;
        evbuffer_remove_buffer(input, output, frame);
    }
}

void end(bufferevent* client, short, void*) { bufferevent_free(client); }

void accept(evconnlistener* from, evutil_socket_t made, sockaddr*, int, void* lines) {
    const int yes = 1;
    ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    bufferevent* const client = bufferevent_socket_new(evconnlistener_get_base(from), made, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client, lines != nullptr ? echo_lines : echo_len32, nullptr, end, nullptr);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    event_base* const base = event_base_new();
    static char lines;
    const int listening = bench::listen_by_hand(how.port, SOCK_NONBLOCK);
    evconnlistener_new(base, accept, how.framing == "lines" ? &lines : nullptr, LEV_OPT_CLOSE_ON_FREE, 4096, listening);
    return event_base_dispatch(base);
}
