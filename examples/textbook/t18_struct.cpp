// T18. Remedy 2, a struct: every message has the same size, and its bytes are those of Python's struct.pack. Messages
// of any size need a header with the number of bytes that follow.
#include <weir/weir.h>

#include <iomanip>

#include "lesson.h"

struct reading {
    std::uint32_t id;
    std::string name;
    float value;
};
constexpr auto codec = weir::record("!I16sf", &reading::id, &reading::name, &reading::value);

void print_hex(weir::bytes_view data) {
    for (const auto byte : data)
        std::cout << std::hex << std::setw(2) << std::setfill('0') << std::to_integer<int>(byte);
    std::cout << std::dec << '\n';
}

weir::task<> on_the_loop() {
    auto [client, server] = channels(weir::framing::record(codec.format()));
    weir::buffer packed;
    must(codec.pack({9, "oven", 180.0F}, packed));
    co_await client.send(packed.view());
    auto came = co_await server.receive();
    const auto one = must(codec.unpack(must(came)));
    std::cout << "on the loop: " << one.id << ' ' << one.name << ' ' << one.value << '\n';
}

int main() {
    weir::buffer packed;
    must(codec.pack({7, "boiler", 21.5F}, packed));
    print_hex(packed.view());
    must(codec.pack({8, "cellar", -3.25F}, packed));
    auto [client, server_socket] = pair();
    weir::blocking_channel server(std::move(server_socket), weir::framing::record(codec.format()));
    must(client.send(packed.view().first(30)));  // one record and a quarter
    must(client.send(packed.view().from(30)));
    for (int i = 0; i < 2; ++i) {
        const auto came = must(codec.unpack(must(server.receive())));
        std::cout << came.id << ' ' << came.name << ' ' << came.value << '\n';
    }
    show(server.send("boiler") == weir::errc::unencodable, "the framing pads nothing: it refuses a message of 6 bytes");

    auto [sends, receiver] = pair();
    weir::blocking_channel sender(std::move(sends), weir::framing::len32());
    must(sender.send("any size"));
    print_hex(must(receiver.receive(1024)));

    weir::run(on_the_loop());
}
