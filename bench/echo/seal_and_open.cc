// What OpenSSL itself costs: so many bytes are sealed, as limit_tls.cc does it, and opened again, for a while.
//
//     seal_and_open BYTES SECONDS
//
// It prints how many times that was done, and the CPU time of all, as one JSON object.
#include <time.h>

#include <cstdio>
#include <cstdlib>
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

// Opens what is there; how many bytes that were.
std::size_t open(tls_end& at, byte_pile& arrived, std::vector<char>& into, byte_pile& answers) {
    tls_end::arrived(arrived.data(), arrived.size());
    std::size_t all = 0;
    while (const std::size_t opened = at.open(into.data(), into.size(), answers)) all += opened;
    arrived.consume(arrived.size());
    return all;
}

}  // namespace

int main(int count, char** texts) {
    WEIR_CHECK(count == 3, "seal_and_open BYTES SECONDS");
    const std::size_t size = std::strtoul(texts[1], nullptr, 10);
    const double seconds = std::strtod(texts[2], nullptr);
    const auto of_server = bench::server_context();
    const auto of_client = bench::client_context();
    tls_end server(of_server.get(), tls_end::side::server);
    tls_end client(of_client.get(), tls_end::side::client);
    byte_pile to_server, to_client;
    std::vector<char> into(bench::message_input::scratch_bytes);
    while (!server.is_shaken() || !client.is_shaken() || !to_client.empty()) {
        open(client, to_client, into, to_server);
        open(server, to_server, into, to_client);
    }
    const std::vector<char> plain(size, 'x');
    const double began = cpu_seconds();
    double took = 0;
    unsigned long long times = 0;
    for (; took < seconds; took = cpu_seconds() - began) {
        for (int i = 0; i < 16; ++i, ++times) {
            client.seal(plain.data(), size, to_server);
            WEIR_CHECK(open(server, to_server, into, to_client) == size, "all is opened");
        }
    }
    std::printf("{\"messages\": %llu, \"seconds\": %.6f}\n", times, took);
}
