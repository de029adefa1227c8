// A user's program that uses weir::tls: two tasks exchange a message over TLS.
#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <cstdio>

using namespace weir;

static task<result<channel>> wrapped(owned_stream end, wrappers through) {
    return adopt_stream(std::move(end), std::move(through), framing::lines());
}

static task<int> talk(std::shared_ptr<const wrapper> serves, std::shared_ptr<const wrapper> asks) {
    auto [first, second] = stream_pair();
    task<result<channel>> serving = wrapped(std::move(first), wrappers(1, serves));
    task<result<channel>> asking = wrapped(std::move(second), wrappers(1, asks));
    auto [served, client] = co_await when_all(std::move(serving), std::move(asking));
    if (!served || !client) co_return (served ? client : served).error().print();
    if (auto sent = co_await client->send("hello"); !sent) co_return sent.error().print();
    auto got = co_await served->receive();
    co_return got && got->text() == "hello" ? 0 : 1;
}

int main() {
    auto own = tls::certificate::self_signed({"localhost"});
    if (!own) return own.error().print();
    auto secure = tls::server::make(tls::server_options(*own));
    if (!secure) return secure.error().print();
    tls::client_options how;
    how.pins = {own->pin()};
    const int code = run(talk(*secure, tls::client(how)));
    if (code == 0) std::puts("hello over TLS");
    return code;
}
