// libuv with framing by hand: one write answers all messages of a read. The server calls uv_try_write() first, and
// uv_write() for what remains.
#include <uv.h>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace {

struct connection {
    explicit connection(bench::framing_by_hand how) : input(how) {}

    uv_tcp_t stream{};
    uv_write_t write{};
    bench::message_input input;
    bench::byte_pile answers;
};

bench::framing_by_hand framing;

connection& of(void* handle) { return *static_cast<connection*>(static_cast<uv_handle_t*>(handle)->data); }

void end(connection& one) {
    auto* const handle = reinterpret_cast<uv_handle_t*>(&one.stream);
    if (uv_is_closing(handle) == 0) uv_close(handle, [](uv_handle_t* closed) { delete &of(closed); });
}

void room(uv_handle_t* handle, std::size_t, uv_buf_t* into) {
    std::size_t size = 0;
    into->base = of(handle).input.room(size);
    into->len = size;
}

void receive(uv_stream_t* stream, ssize_t count, const uv_buf_t*);

void was_written(uv_write_t* done, int status) {
    connection& one = *static_cast<connection*>(done->data);
    if (status < 0) return end(one);
    one.answers.consume(one.answers.size());
    uv_read_start(reinterpret_cast<uv_stream_t*>(&one.stream), room, receive);
}

void receive(uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    connection& one = of(stream);
    if (count < 0) return end(one);
    one.input.came(static_cast<std::size_t>(count), one.answers);
    if (one.answers.empty()) return;
    uv_buf_t bytes = uv_buf_init(const_cast<char*>(one.answers.data()), static_cast<unsigned>(one.answers.size()));
    const int written = uv_try_write(stream, &bytes, 1);
    if (written > 0) one.answers.consume(static_cast<std::size_t>(written));
    if (one.answers.empty()) return;
    bytes = uv_buf_init(const_cast<char*>(one.answers.data()), static_cast<unsigned>(one.answers.size()));
    one.write.data = &one;
    uv_read_stop(stream);
    uv_write(&one.write, stream, &bytes, 1, was_written);
}

void accept(uv_stream_t* from, int status) {
    if (status < 0) return;
    auto* const one = new connection(framing);
    uv_tcp_init(from->loop, &one->stream);
    one->stream.data = one;
    auto* const stream = reinterpret_cast<uv_stream_t*>(&one->stream);
    if (uv_accept(from, stream) != 0) return end(*one);
    uv_tcp_nodelay(&one->stream, 1);
    uv_read_start(stream, room, receive);
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    framing = bench::framing_named(how.framing);
    uv_tcp_t listening;
    sockaddr_in where;
    uv_tcp_init(uv_default_loop(), &listening);
    uv_ip4_addr("127.0.0.1", how.port, &where);
    WEIR_CHECK(uv_tcp_bind(&listening, reinterpret_cast<const sockaddr*>(&where), 0) == 0, "bind");
    WEIR_CHECK(uv_listen(reinterpret_cast<uv_stream_t*>(&listening), 4096, accept) == 0, "listen");
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
