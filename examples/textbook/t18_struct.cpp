// T18. Remedy 2, a struct: every message has the same size, byte for byte what Python's struct.pack makes. And its
// relative for messages of any size: a header that says how many bytes follow.
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

int main() {
    auto listener = must(weir::listen_on("127.0.0.1:0"));
    const auto here = must(listener.local_address()).to_string();

    weir::buffer packed;
    must(codec.pack({7, "boiler", 21.5F}, packed));
    print_hex(packed.view());
    must(codec.pack({8, "cellar", -3.25F}, packed));
    auto client = must(weir::connect_to(here));
    weir::blocking_channel server(must(listener.accept()).connection, weir::framing::record(codec.format()));
    must(client.send(packed.view().first(30)));  // one record and a quarter
    must(client.send(packed.view().from(30)));
    for (int i = 0; i < 2; ++i) {
        const auto came = must(codec.unpack(must(server.receive())));
        std::cout << came.id << ' ' << came.name << ' ' << came.value << '\n';
    }

    weir::blocking_channel sender(must(weir::connect_to(here)), weir::framing::len32());
    auto receiver = must(listener.accept()).connection;
    must(sender.send("any size"));
    print_hex(must(receiver.receive(1024)));
}
