// Questions over UDP. Each has a number. The client repeats a question until its answer comes or the time is up, and
// drops answers to other questions. The server of this test ignores one question, and answers another one too late.
#include <weir/weir.h>

#include <iostream>
#include <vector>

struct packet {
    std::uint16_t number = 0;
    std::string words;
};
constexpr auto codec = weir::record("!H32s", &packet::number, &packet::words);

weir::task<weir::result<std::string>> ask(weir::datagram_channel& server, std::uint16_t number, std::string words,
                                          int& dropped) {
    weir::buffer packed;
    if (auto done = codec.pack({number, words}, packed); !done) co_return done.error();
    weir::duration patience = std::chrono::milliseconds(60);
    for (int tries = 1; tries <= 3; ++tries, patience *= 2) {
        if (auto sent = co_await server.send(packed.view()); !sent) co_return sent.error();
        const weir::deadline until = weir::loop::current().now() + patience;
        for (;;) {
            auto came = co_await server.receive(until);
            if (came == weir::errc::timed_out) break;
            if (!came) co_return came.error();  // refused: no socket is open there
            const auto answer = codec.unpack(*came);
            if (answer && answer->number == number) co_return answer->words;
            ++dropped;  // the answer to an earlier question, a second copy, or something else
        }
    }
    co_return weir::error(weir::errc::timed_out, "ask", server.peer_address().to_string());
}

weir::task<> answer(weir::datagram_channel& here) {
    std::vector<packet> waiting;
    bool has_lost_one = false;
    while (auto came = co_await here.receive()) {
        const auto question = codec.unpack(*came);
        if (!question) continue;  // any program can send anything
        if (question->words == "lost" && !std::exchange(has_lost_one, true)) continue;
        waiting.push_back(*question);
        if (question->words == "slow") continue;  // it is answered together with the next question
        for (const packet& one : std::exchange(waiting, {})) {
            weir::buffer packed;
            if (codec.pack({one.number, "yes, " + one.words}, packed))
                co_await here.send_to(packed.view(), came->from());
        }
    }
}

weir::task<int> ask_all(weir::datagram_channel& server) {
    int dropped = 0;
    std::uint16_t number = 0;
    for (const std::string words : {"plain", "lost", "slow", "next"}) {
        auto reply = co_await ask(server, ++number, words, dropped);
        std::cout << words << ": " << (reply ? *reply : std::string(to_string(reply.error().code()))) << '\n';
    }
    std::cout << (dropped >= 3 ? "the late answers were dropped\n" : "an answer is missing\n");
    co_return dropped >= 3 ? 0 : 1;
}

weir::task<int> main_task() {
    auto here = weir::datagram_channel::bind(weir::address::loopback_ipv4(0));
    if (!here) co_return here.error().print();
    auto server = weir::datagram_channel::connect(here->local_address());
    if (!server) co_return server.error().print();
    auto first = co_await weir::when_any(ask_all(*server), answer(*here));
    co_return first.index() == 0 ? std::get<0>(first) : 1;
}
int main() { return weir::run(main_task()); }
