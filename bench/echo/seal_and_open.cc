// Measures the cost of OpenSSL itself: seals BYTES as limit_tls.cc does, opens them, and repeats this for SECONDS. The
// connections take turns, because in a server, too, the keys of other connections compete for the cache.
//
//     seal_and_open BYTES SECONDS CONNECTIONS
//
// It prints the number of repetitions and their CPU time, as one JSON object.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/echo/tls_by_hand.h"
#include "bench/echo/tls_certificate.h"

namespace {

using bench::byte_pile;
using bench::tls_end;

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Both ends of a connection.
class pair {
public:
    pair(SSL_CTX* of_server, SSL_CTX* of_client)
        : server_(of_server, tls_end::side::server), client_(of_client, tls_end::side::client) {
        while (!server_.is_shaken() || !client_.is_shaken() || !to_client.empty()) {
            open(client_, to_client, to_server);
            open(server_, to_server, to_client);
        }
    }
    void pass(const std::vector<char>& plain) {
        client_.seal(plain.data(), plain.size(), to_server);
        WEIR_CHECK(open(server_, to_server, to_client) == plain.size(), "all is opened");
    }

private:
    // Opens all that has arrived, and returns the number of opened bytes.
    static std::size_t open(tls_end& at, byte_pile& arrived, byte_pile& answers) {
        static std::vector<char> into(bench::message_input::scratch_bytes);
        tls_end::arrived(arrived.data(), arrived.size());
        std::size_t all = 0;
        while (const std::size_t opened = at.open(into.data(), into.size(), answers)) {
            all += opened;
            if (opened < into.size()) break;
        }
        arrived.consume(arrived.size());
        return all;
    }

    static inline byte_pile to_server, to_client;
    tls_end server_, client_;
};

}  // namespace

int main(int count, char** texts) {
    WEIR_CHECK(count == 4, "seal_and_open BYTES SECONDS CONNECTIONS");
    const std::vector<char> plain(std::strtoul(texts[1], nullptr, 10), 'x');
    const double seconds = std::strtod(texts[2], nullptr);
    const auto of_server = bench::server_context();
    const auto of_client = bench::client_context();
    std::vector<std::unique_ptr<pair>> all(std::strtoul(texts[3], nullptr, 10));
    for (auto& one : all) one = std::make_unique<pair>(of_server.get(), of_client.get());
    const double began = cpu_seconds();
    double took = 0;
    unsigned long long times = 0;
    for (; took < seconds; took = cpu_seconds() - began) {
        for (const auto& one : all) one->pass(plain);
        times += all.size();
    }
    std::printf("{\"messages\": %llu, \"seconds\": %.6f}\n", times, took);
}
