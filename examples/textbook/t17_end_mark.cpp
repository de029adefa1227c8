// T17. Remedy 1, an end mark: each message ends with bytes that stand in none. Where they may stand in one, an escape
// keeps the two apart.
#include <weir/weir.h>

#include "lesson.h"

int main() {
    auto listener = must(weir::listen_on("127.0.0.1:0"));
    const auto here = must(listener.local_address()).to_string();

    auto client = must(weir::connect_to(here));
    weir::blocking_channel server(must(listener.accept()).connection, weir::framing::lines());
    must(client.send("one\ntwo\nth"));  // glued and torn
    must(client.send("ree\n"));
    for (int i = 0; i < 3; ++i) std::cout << "line: " << must(server.receive()).text() << '\n';
    show(server.send("two\nlines") == weir::errc::unencodable, "a message with the mark in it is refused, not sent");

    const auto escaped = weir::framing::delimited({"\n"}).escape({{"\\n", "\n"}, {"\\s", "\\"}});
    weir::blocking_channel sender(must(weir::connect_to(here)), escaped);
    auto receiver = must(listener.accept()).connection;
    must(sender.send("two\nlines"));
    std::cout << "with an escape, on the wire: " << must(receiver.receive(1024)).text();
}
