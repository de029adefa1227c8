// Shared by the tests on real sockets: test bodies for every family, connected pairs, full queues, counted descriptors,
// and a thread whose sleep can be detected. Where possible, these functions wait for events instead of fixed times.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/open_descriptors.h"
#include "weir/socket/clock.h"
#include "weir/socket/socket.h"

namespace weir_test {

using namespace std::chrono_literals;
using weir::address;
using weir::address_family;
using weir::bytes;
using weir::bytes_view;
using weir::errc;
using weir::half;
using weir::within;

// The fixture of the test cases for sockets. Checks that a test closes all descriptors that it opens.
class counted {
public:
    counted() : before_(open_descriptors()) {}
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { CHECK(open_descriptors() == before_); }

private:
    std::size_t before_;
};

// A new folder. The destructor removes it with its content.
class folder {
public:
    folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "weir-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
        REQUIRE_FALSE(path_.empty());
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() { std::filesystem::remove_all(path_); }

    std::string path(std::string_view name) const { return (path_ / name).string(); }
    std::string text(std::string_view name) const { return "unix:" + path(name); }

private:
    std::filesystem::path path_;
};

// Returns an unused address to bind to: port 0, or a name in the folder.
inline std::string fresh_address(address_family family, const folder& place) {
    if (family == address_family::ipv4) return "127.0.0.1:0";
    if (family == address_family::ipv6) return "[::1]:0";
    return place.text("socket");
}

inline weir::socket open_stream(address_family family) {
    auto opened = weir::socket::open(family, weir::socket::stream);
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
    return std::move(*opened);
}

// A listening socket, with the folder for its path. Makes connected pairs.
struct server {
    explicit server(address_family wanted, int backlog = weir::socket::default_backlog)
        : family(wanted), listener(open_stream(wanted)) {
        const auto bound = listener.bind(fresh_address(wanted, place));
        REQUIRE_MESSAGE(bound, "without IPv4, IPv6 or Unix sockets the tests prove nothing: "
                                   << (bound ? "" : bound.error().message()));
        REQUIRE(listener.listen(backlog));
        here = *listener.local_address();
    }

    weir::socket connect() const {
        weir::socket client = open_stream(family);
        const auto connected = client.connect(here);
        REQUIRE_MESSAGE(connected, (connected ? "" : connected.error().message()));
        return client;
    }

    // Returns both ends of a new connection: {client, server}.
    std::pair<weir::socket, weir::socket> pair() {
        weir::socket client = connect();
        auto accepted = listener.accept();
        REQUIRE(accepted);
        return {std::move(client), std::move(accepted->connection)};
    }

    // Connects until the accept queue is full, so that the next connect has to wait.
    std::vector<weir::socket> fill_queue() {
        std::vector<weir::socket> waiting;
        for (;;) {
            weir::socket client = open_stream(family);
            const auto connected = client.connect(here, within(50ms));
            if (!connected) {
                REQUIRE(connected == errc::timed_out);
                return waiting;
            }
            waiting.push_back(std::move(client));
            REQUIRE(waiting.size() < 100);
        }
    }

    folder place;
    address_family family;
    weir::socket listener;
    address here;
};

// Runs `body` for IPv4, IPv6 and Unix; doctest names the family that failed.
template <class Body>
void on_each_family(Body body) {
    for (const auto family : {weir::socket::ipv4, weir::socket::ipv6, weir::socket::local}) {
        INFO("family " << std::string(to_string(family)));
        body(family);
    }
}

// Returns pseudo-random bytes, so that a comparison detects bytes that are lost, doubled or moved.
inline bytes pattern(std::size_t size) {
    bytes made(size);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 1664525u + 1013904223u;
        made[i] = static_cast<std::byte>(state >> 24);
    }
    return made;
}

inline bytes receive_everything(weir::socket& from, std::size_t piece = 4096) {
    bytes all;
    for (;;) {
        const auto data = from.receive(piece, within(20s));
        REQUIRE_MESSAGE(data, (data ? "" : data.error().message()));
        if (data->empty()) return all;
        all.append(*data);
    }
}

// Fills the buffers of both sides. Returns how many bytes the kernel accepted before a send would block for ever. TCP
// makes room once more when a delayed acknowledgement arrives, after at most 200 ms, and poll(2) reports room only when
// a third of the buffer is free. So the buffers are full when nothing fits after a longer wait.
inline std::size_t fill(weir::socket& sender) {
    const bytes block = pattern(65536);
    const bool is_tcp = sender.local_address()->is_ip();
    std::size_t total = 0;
    for (;;) {
        auto sent = sender.send(block, within(is_tcp ? 250ms : 0ms));
        if (!sent) sent = sender.send(block, within(0ns));
        if (!sent) {
            REQUIRE(sent == errc::timed_out);
            return total;
        }
        total += *sent;
    }
}

// A thread that runs a body. A test can wait until the thread sleeps in the kernel, and interrupt it with signals.
class blocked_thread {
public:
    template <class Body>
    explicit blocked_thread(Body body)
        : thread_([this, body = std::move(body)]() mutable {
              id_ = ::gettid();
              body();
              done_ = true;
          }) {}
    blocked_thread(const blocked_thread&) = delete;
    blocked_thread& operator=(const blocked_thread&) = delete;
    ~blocked_thread() { join(); }

    void join() {
        if (thread_.joinable()) thread_.join();
    }
    bool done() const { return done_; }

    // Waits until the thread sleeps or has ended. Returns true when it sleeps.
    bool await_sleep() const {
        while (!done_) {
            if (id_ != 0) {
                std::ifstream file("/proc/self/task/" + std::to_string(id_) + "/stat");
                std::string stat;
                std::getline(file, stat);
                const auto name_end = stat.rfind(')');
                if (name_end != std::string::npos && stat.size() > name_end + 2 && stat[name_end + 2] == 'S')
                    return true;
            }
            std::this_thread::yield();
        }
        return false;
    }

    // Interrupts the sleep of the thread `times` times. Returns false if the thread has ended.
    bool interrupt(int times) {
        for (int i = 0; i < times; ++i) {
            const int before = signals;
            if (!await_sleep()) return false;
            ::pthread_kill(thread_.native_handle(), SIGUSR1);
            while (signals == before && !done_) std::this_thread::yield();
        }
        return await_sleep();
    }

    static inline std::atomic<int> signals = 0;

private:
    std::atomic<pid_t> id_ = 0;
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

// While this object exists, SIGUSR1 interrupts system calls: its handler is installed without SA_RESTART.
class interrupting_signal {
public:
    interrupting_signal() {
        struct sigaction action{};
        action.sa_handler = [](int) { ++blocked_thread::signals; };
        ::sigaction(SIGUSR1, &action, &before_);
    }
    interrupting_signal(const interrupting_signal&) = delete;
    interrupting_signal& operator=(const interrupting_signal&) = delete;
    ~interrupting_signal() { ::sigaction(SIGUSR1, &before_, nullptr); }

private:
    struct sigaction before_{};
};

}  // namespace weir_test
