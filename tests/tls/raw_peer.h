// The other end of a TLS connection, whose state machine the test controls. It can send bytes that no well-behaved peer
// sends, and inspect the records.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "weir/tls/internal/tls_machine.h"
#include "weir/weir.h"

namespace weir_test {

using namespace weir;
using namespace std::chrono_literals;

class raw_peer {
public:
    // Uses a connected socket. `host` is the name that a client verifies.
    raw_peer(weir::socket connected, std::shared_ptr<const internal::tls_context> how, const std::string& host = {})
        : wire(std::move(connected)), machine(std::move(how), host, 443) {
        REQUIRE(wire.set_blocking(false));
    }

    // Runs the handshake. Returns false if it fails.
    task<bool> shake() {
        for (int turns = 0; turns < 5000; ++turns) {
            bytes_view input = came.view();
            const auto how = machine.shake(input, output);
            came.consume(came.size() - input.size());
            push();
            if (how == internal::tls_machine::step::done) co_return true;
            if (how == internal::tls_machine::step::failed) co_return false;
            if (!pull()) co_await sleep(1ms);
        }
        co_return false;
    }

    void send(std::string_view text) {
        REQUIRE(machine.write(bytes_view(text), output) == internal::tls_machine::step::done);
        push();
    }
    void say_close_notify() {
        REQUIRE(machine.end(output) == internal::tls_machine::step::done);
        push();
    }

    // Waits for `count` plain bytes or the end of the connection.
    task<std::string> receive(std::size_t count) {
        for (int turns = 0; turns < 5000 && got.size() < count && !has_ended; ++turns) {
            open();
            if (got.size() < count && !pull()) co_await sleep(1ms);
        }
        co_return std::exchange(got, {});
    }
    // Waits until the other side has closed its sending side. Returns false if it does not.
    task<bool> sees_end() {
        for (int turns = 0; turns < 5000 && !has_ended; ++turns) {
            if (!pull()) co_await sleep(1ms);
            open();
        }
        co_return has_ended;
    }

    // Receives once without waiting. Returns false if nothing has arrived.
    bool pull() {
        std::array<std::byte, 65'536> room{};
        auto size = wire.receive(room, deadline(time_point::min()));
        if (!size) {
            has_ended = has_ended || !(size == errc::would_block || size == errc::timed_out);
            return false;
        }
        has_ended = has_ended || *size == 0;
        came.append(bytes_view(room.data(), *size));
        all.append(bytes_view(room.data(), *size));
        return *size != 0;
    }
    void open() {
        bytes_view input = came.view();
        std::array<std::byte, 4096> room{};
        for (;;) {
            const auto plain = machine.read(input, room, output);
            got += std::string_view(reinterpret_cast<const char*>(room.data()), plain.size);
            if (plain.how != internal::tls_machine::step::done) break;
        }
        came.consume(came.size() - input.size());
        push();
    }
    void push() {
        while (!output.empty()) {
            auto sent = wire.send(output.view());
            if (!sent) {
                output.clear();
                return;
            }
            output.consume(*sent);
        }
    }
    // Returns the sizes of the records that have arrived since the last call.
    std::vector<std::size_t> records() {
        std::vector<std::size_t> sizes;
        bytes_view rest = all.view();
        while (rest.size() >= 5) {
            const std::size_t size = std::to_integer<std::size_t>(rest[3]) << 8 | std::to_integer<std::size_t>(rest[4]);
            if (rest.size() < 5 + size) break;
            sizes.push_back(size);
            rest = rest.from(5 + size);
        }
        all.clear();
        return sizes;
    }

    weir::socket wire;
    internal::tls_machine machine;
    buffer came;
    buffer all;
    buffer output;
    std::string got;
    bool has_ended = false;
};

}  // namespace weir_test
