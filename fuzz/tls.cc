// Fuzzes the TLS machine: a client and a server exchange bytes through an attacker that changes, truncates, drops,
// repeats and adds bytes during and after the handshake. Each side also requests new keys, ends the stream, and reads
// into buffers of any size. Nothing may crash. Whatever the attacker does, the plain bytes that a side reads must be a
// prefix of the plain bytes that the other side has sealed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/choices.h"
#include "weir/tls/internal/tls_machine.h"
#include "weir/tls/tls.h"

namespace {

using weir::internal::tls_context;
using weir::internal::tls_machine;
using step = tls_machine::step;

[[noreturn]] void broken(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

struct contexts {
    std::shared_ptr<const tls_context> server, client, older;
};
const contexts& both() {
    static const contexts made = [] {
        const auto own = *weir::tls::certificate::self_signed({"localhost"});
        weir::tls::client_options how;
        how.pins = {own.pin()};
        auto older = how;
        older.newest = weir::tls::version::tls_1_2;
        return contexts{*tls_context::of_server(weir::tls::server_options(own)), *tls_context::of_client(how),
                        *tls_context::of_client(older)};
    }();
    return made;
}

struct side {
    explicit side(std::shared_ptr<const tls_context> how) : machine(std::move(how), "localhost", 443) {}

    tls_machine machine;
    weir::buffer wire, output;
    std::string sealed, opened;
    bool is_shaken = false;
    bool has_ended = false;

    void go_on(weir::choices& draw) {
        weir::bytes_view input = wire.view();
        const std::size_t before = output.size() + 16 * input.size() + 100'000;
        if (!is_shaken) is_shaken = machine.shake(input, output) == step::done;
        if (is_shaken) {
            std::vector<std::byte> room(static_cast<std::size_t>(draw.below(300)));
            auto came = machine.read(input, room, output);
            for (; came.how == step::done && !room.empty(); came = machine.read(input, room, output))
                opened += std::string_view(reinterpret_cast<const char*>(room.data()), came.size);
            opened += std::string_view(reinterpret_cast<const char*>(room.data()), came.size);
        }
        if (output.size() > before) broken("the output grows faster than its bound for the input");
        wire.consume(wire.size() - input.size());
    }
    void send(weir::choices& draw) {
        if (!is_shaken || has_ended) return;
        const weir::bytes content =
            draw.content(1 + static_cast<std::size_t>(draw.below(draw.one_in(8) ? 40'000 : 40)));
        if (machine.write(content, output) == step::done) sealed += weir::bytes_view(content).text();
    }
    void end() {
        if (!is_shaken || has_ended) return;
        has_ended = true;
        machine.end(output);
    }
    void demand_keys() {
        if (is_shaken && !has_ended && SSL_version(machine.get()) == TLS1_3_VERSION)
            SSL_key_update(machine.get(), SSL_KEY_UPDATE_REQUESTED);
    }
};

// Changes the bytes that are in transit, as the attacker.
void attack(weir::choices& draw, weir::buffer& under_way) {
    if (under_way.empty()) return;
    const std::size_t place = static_cast<std::size_t>(draw.below(under_way.size()));
    switch (draw.below(5)) {
        case 0: under_way.data()[place] ^= static_cast<std::byte>(draw.between(1, 255)); break;
        case 1: under_way.truncate(place); break;
        case 2: under_way.consume(place); break;
        case 3: {
            const weir::bytes again(under_way.view().from(place));
            under_way.append(again);
            break;
        }
        default: under_way.append(draw.content(static_cast<std::size_t>(draw.below(40)))); break;
    }
}

void move(weir::choices& draw, side& from, side& to) {
    if (draw.one_in(6)) attack(draw, from.output);
    const std::size_t size =
        draw.one_in(3) ? static_cast<std::size_t>(draw.below(from.output.size() + 1)) : from.output.size();
    to.wire.append(from.output.view().first(size));
    from.output.consume(size);
    to.go_on(draw);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto draw = weir::choices::fuzzed(weir::bytes_view(reinterpret_cast<const std::byte*>(data), size));
    side client(draw.one_in(3) ? both().older : both().client);
    side server(both().server);
    client.go_on(draw);
    for (int turn = 0; turn < 60; ++turn) {
        side& from = turn % 2 == 0 ? client : server;
        side& to = turn % 2 == 0 ? server : client;
        switch (draw.below(8)) {
            case 1: from.send(draw); break;
            case 2: from.demand_keys(); break;
            case 3:
                if (draw.one_in(8)) from.end();
                break;
            default: break;
        }
        move(draw, from, to);
        if (!client.sealed.starts_with(server.opened) || !server.sealed.starts_with(client.opened))
            broken("a side has read bytes that the other side did not send");
    }
    return 0;
}
