// Users of a simulated network that record their completions, and functions that wait in its virtual time.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/sim/network.h"

namespace weir_test {

// A user of a stream that keeps all received bytes and records completions.
class talker final : public weir::byte_stream::user {
public:
    talker() = default;
    explicit talker(weir::owned_stream of) { take(std::move(of)); }
    talker(const talker&) = delete;
    talker& operator=(const talker&) = delete;

    void take(weir::owned_stream of) {
        stream = std::move(of);
        stream->set_user(*this);
    }

    void on_received(weir::arrival one) noexcept override {
        is_receiving = false;
        note(std::move(one));
    }
    void on_sent(weir::outcome how) noexcept override {
        is_sending = false;
        send_ended = how;
    }

    // Submits one receive. Returns true if it completed at once.
    bool receive() {
        if (is_receiving || ended) return false;
        if (auto one = stream->receive()) {
            note(std::move(*one));
            return true;
        }
        is_receiving = true;
        return false;
    }
    bool send(weir::bytes_view content) {
        REQUIRE_FALSE(is_sending);
        weir::buffer out;
        out.append(content);
        send_ended.reset();
        send_ended = stream->send(out);
        CHECK(out.empty());
        is_sending = !send_ended.has_value();
        return !is_sending;
    }
    void close(bool reset = false) { stream.release()->close(reset); }

    weir::owned_stream stream;
    std::string came;
    std::vector<std::size_t> pieces;
    std::optional<weir::outcome> ended;
    std::optional<weir::outcome> send_ended;
    bool is_receiving = false;
    bool is_sending = false;

private:
    void note(weir::arrival one) {
        if (one.how.good() && !one.bytes.empty()) {
            came += one.bytes.view().text();
            pieces.push_back(one.bytes.size());
        } else {
            CHECK(one.bytes.empty());
            ended = one.how;
        }
    }
};

struct caller final : weir::connect_attempt::user {
    void on_connected(weir::outcome one, weir::owned_stream made) noexcept override {
        ++completions;
        how = one;
        stream = std::move(made);
    }
    int completions = 0;
    weir::outcome how;
    weir::owned_stream stream;
    std::unique_ptr<weir::connect_attempt> on_its_way;
};

struct doorman final : weir::acceptor::user {
    void on_accepted(weir::accepted_connection one) noexcept override {
        is_asking = false;
        came.push_back(std::move(one));
    }
    void ask() {
        if (is_asking) return;
        if (auto one = door->accept()) {
            came.push_back(std::move(*one));
        } else {
            is_asking = true;
        }
    }
    void take(weir::owned_acceptor one) {
        door = std::move(one);
        door->set_user(*this);
    }
    weir::owned_acceptor door;
    std::deque<weir::accepted_connection> came;
    bool is_asking = false;
};

inline weir::sim::network_options without_delays() {
    weir::sim::network_options how;
    how.delay_steps = 1;
    return how;
}

// A client and a server that are connected. The object must be declared after its network.
class dialogue {
public:
    explicit dialogue(weir::backend& net, const std::string& where = "127.0.0.1:9000") {
        auto listening = net.listen(where, {});
        REQUIRE(listening);
        doorman at;
        at.take(std::move(*listening));
        at.ask();
        caller calling;
        auto begun = net.connect(at.door->local_address(), calling);
        REQUIRE(begun);
        calling.on_its_way = std::move(*begun);
        while (calling.completions == 0 || at.came.empty()) net.wait({});
        REQUIRE(calling.how.good());
        REQUIRE(at.came.front().how.good());
        client.take(std::move(calling.stream));
        server.take(std::move(at.came.front().connection));
    }

    talker client;
    talker server;
};

// Waits for this time, whatever happens meanwhile.
inline void pass(weir::backend& net, weir::duration time) {
    const weir::time_point until = net.now() + time;
    while (net.now() < until) net.wait(until);
}

// A datagram port and its received datagrams.
struct postman final : weir::datagram_port::user {
    postman(weir::backend& in, const weir::address& here, const weir::address& peer) : net(in) {
        auto opened = net.open_port(here, peer);
        REQUIRE(opened);
        port = std::move(*opened);
        port->set_user(*this);
    }
    void on_received(weir::arrived_datagram one) noexcept override {
        is_asking = false;
        came.push_back(std::move(one));
    }
    void on_writable() noexcept override {}
    void ask() {
        if (is_asking) return;
        if (auto one = port->receive()) {
            came.push_back(std::move(*one));
        } else {
            is_asking = true;
        }
    }
    // Returns everything that arrives within ten seconds.
    std::vector<std::string> all() {
        pass(net, std::chrono::seconds(10));
        for (std::size_t before = came.size() + 1; before != came.size();) {
            before = came.size();
            ask();
            if (is_asking) net.wait(net.now());
        }
        std::vector<std::string> texts;
        for (const auto& one : came) texts.emplace_back(one.bytes.view().text());
        came.clear();
        return texts;
    }

    weir::backend& net;
    weir::owned_port port;
    std::vector<weir::arrived_datagram> came;
    bool is_asking = false;
};

// Receives on one end until its stream has ended.
inline void receive_all(weir::sim::network& net, talker& one) {
    while (!one.ended) {
        while (one.receive()) {
        }
        if (!one.ended) net.wait({});
    }
}

}  // namespace weir_test
