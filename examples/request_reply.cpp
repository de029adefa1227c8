// Questions and answers over one connection. Several tasks ask at once, and the answers arrive in another order. Each
// task gets its own answer, because an answer repeats the number of its question.
#include <weir/weir.h>

#include <iostream>
#include <map>

struct note {
    std::uint32_t number;
    std::string words;
};
constexpr auto codec = weir::record("!I28s", &note::number, &note::words);

weir::task<> think(note one, weir::channel& client) {
    co_await weir::sleep(one.words.size() * std::chrono::milliseconds(20));
    one.words = std::to_string(one.words.size()) + " letters";
    weir::buffer packed;
    if (codec.pack(one, packed)) co_await client.send(packed.view());
}
weir::task<> consider(weir::scope& thoughts, weir::channel& client) {
    while (auto message = co_await client.receive()) {
        if (thoughts.children() > 8) co_return client.abort();  // too many questions at once
        thoughts.spawn(think(*codec.unpack(*message), client));
    }
}
weir::task<> answer(weir::channel client) { static_cast<void>(co_await weir::in_scope(consider, std::ref(client))); }
using waiting = std::map<std::uint32_t, weir::queue<note>*>;  // the key is the number of the question
weir::task<> ask(weir::channel& server, waiting& all, std::uint32_t number, std::string words, std::ostream& out) {
    weir::buffer packed;
    weir::queue<note> mine(1);
    if (!codec.pack({number, words}, packed) || !all.emplace(number, &mine).second) co_return;
    if (server.close_reason() != weir::errc::none) mine.close();  // no task receives any more
    co_await server.send(packed.view());
    auto reply = co_await mine.pop();
    all.erase(number);
    out << words << ": " << (reply ? reply->words : reply.error().message()) << '\n';
}
weir::task<> hear(weir::channel& server, waiting& all) {
    while (auto message = co_await server.receive()) {
        const auto reply = codec.unpack(*message);
        if (auto one = all.extract(reply->number)) static_cast<void>(one.mapped()->try_push(*reply));
        if (all.empty()) server.shutdown_send();
    }
    for (const auto& [number, one] : all)
        one->close();
}
weir::task<weir::result<void>> talk(weir::scope& children, weir::server& open, std::ostream& out) {
    children.spawn(open.run(answer));
    auto server = co_await weir::connect(open.local_address().to_string(), weir::framing::record(codec.format()));
    if (!server) co_return server.error();
    waiting all;
    co_await weir::when_all(ask(*server, all, 1, "chrysanthemum", out), ask(*server, all, 2, "ivy", out),
                            ask(*server, all, 3, "primrose", out), hear(*server, all));
    open.stop();
    co_return weir::result<void>();
}
weir::task<int> conversation(std::ostream& out) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::record(codec.format()));
    if (!opened) co_return opened.error().print();
    auto ended = co_await weir::in_scope(talk, std::ref(*opened), std::ref(out));
    co_return ended ? 0 : ended.error().print();
}
int main() { return weir::run(conversation(std::cout)); }
