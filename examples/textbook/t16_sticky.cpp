// T16. "Sticky packets": a stream has no boundaries, so sends and receives do not pair up. Nagle's algorithm is not the
// reason: the same happens without it.
#include <weir/weir.h>

#include "lesson.h"

bool all_arrived(const weir::socket& server, std::size_t bytes) {
    return eventually([&] { return must(weir::view_of(server)).unread_bytes == bytes; });
}

std::string receives(int count) { return std::to_string(count) + (count == 1 ? " receive" : " receives"); }

// Sends three words, and returns how many receives the reader needs for them.
int send_three_words(bool nagle, bool reader_is_late) {
    auto [client, server] = pair();
    must(client.set(weir::option::no_delay, !nagle));
    int count = 0;
    for (const auto* word : {"one", "two", "three"}) {
        must(client.send(word));
        if (reader_is_late) continue;
        must(server.receive(1024));
        ++count;
    }
    if (!reader_is_late) return count;
    if (!all_arrived(server, 11)) std::exit(1);
    for (std::size_t received = 0; received < 11; ++count) received += must(server.receive(1024)).size();
    return count;
}

weir::task<> on_the_loop() {
    for (const auto& described : {weir::framing::chunks(), weir::framing::len16()}) {
        auto both = channels(described);
        for (const auto* word : {"one", "two", "three"})
            co_await both.client.send(word);  // these leave together, at the end of the turn
        both.client.shutdown_send();
        int count = 0;
        while (auto message = co_await both.server.receive()) ++count;
        std::cout << "on the loop, " << described.to_string() << ": 3 sends, " << receives(count) << '\n';
    }
}

int main() {
    auto [client, server] = pair();
    for (const auto* word : {"one", "two", "three"}) must(client.send(word));
    if (!all_arrived(server, 11)) return 1;  // the reader is late
    std::cout << "3 sends, 1 receive: " << must(server.receive(1024)).text() << '\n';

    must(client.send_all(weir::bytes(1000)));
    if (!all_arrived(server, 1000)) return 1;
    int count = 0;
    for (std::size_t received = 0; received < 1000; ++count) received += must(server.receive(64)).size();
    std::cout << "1 send of 1000 bytes, " << count << " receives of at most 64\n";

    std::cout << "reader late, Nagle on: 3 sends, " << receives(send_three_words(true, true)) << '\n';
    std::cout << "reader late, Nagle off: 3 sends, " << receives(send_three_words(false, true)) << '\n';
    std::cout << "reader in time, Nagle on: 3 sends, " << receives(send_three_words(true, false)) << '\n';
    std::cout << "reader in time, Nagle off: 3 sends, " << receives(send_three_words(false, false)) << '\n';

    weir::run(on_the_loop());
}
