// T17. Remedy 1, an end mark: each message ends with bytes that no message contains. If a message may contain them, an
// escape keeps the two apart.
#include <weir/weir.h>

#include <thread>

#include "lesson.h"

weir::task<> on_the_loop() {
    auto [client, socket] = pair();
    auto server = must(weir::adopt(std::move(socket), weir::framing::lines()));
    must(client.send("one\ntwo\nth"));
    must(client.send("ree\n"));
    for (int i = 0; i < 3; ++i) {
        auto line = co_await server.receive();
        std::cout << "on the loop, line: " << must(line).text() << '\n';
    }
}

int main() {
    auto [client, server_socket] = pair();
    weir::blocking_channel server(std::move(server_socket), weir::framing::lines());
    must(client.send("one\ntwo\nth"));  // two messages joined, a third one split
    must(client.send("ree\n"));
    for (int i = 0; i < 3; ++i) std::cout << "line: " << must(server.receive()).text() << '\n';
    show(server.send("two\nlines") == weir::errc::unencodable, "a message that contains the mark is refused, not sent");

    const auto escaped = weir::framing::delimited({"\n"}).escape({{"\\n", "\n"}, {"\\s", "\\"}});
    auto [sends, receiver] = pair();
    weir::blocking_channel sender(std::move(sends), escaped);
    must(sender.send("two\nlines"));
    std::cout << "with an escape, on the wire: " << must(receiver.receive(1024)).text();

    const std::string large(2 << 20, 'x');
    for (const auto& described : {weir::framing::lines(), weir::framing::lines().max_none()}) {
        auto [writes, reads] = pair();
        weir::blocking_channel reader(std::move(reads), described);
        std::jthread writing([&] { static_cast<void>(writes.send_all(large + "\n")); });
        const auto came = reader.receive();
        std::cout << described.to_string()
                  << ", a line of 2 MiB: " << (came ? "received" : to_string(came.error().code())) << '\n';
        if (!came) must(reader.connection().shutdown(weir::half::both));
    }

    weir::run(on_the_loop());
}
