// One thread changes the certificates while others connect and talk. No connection is dropped, and none has the
// certificate of one configuration together with the protocol of another.
#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/served.h"
#include "tests/tls/serving.h"
#include "weir/base/text.h"

using namespace weir_test;

namespace {

// Returns a configuration whose certificate and protocol match: CN=a with protocol a, CN=b with protocol b.
tls::server_options configuration(const std::string& name) {
    tls::server_options how(root().issue({.names = {"DNS:localhost"}, .owner = "CN=" + name}).with());
    how.alpn.push_back(name);
    return how;
}

struct talker {
    std::atomic<int> connections = 0;
    std::atomic<int> failures = 0;
    std::atomic<int> halves = 0;

    void talk(const served& with, const std::atomic<bool>& is_over) {
        auto how = trusting();
        how.host = "localhost";
        how.resume = false;
        how.alpn = {"a", "b"};
        const auto side = tls::client(how);
        auto kept = blocking_channel::adopt(with.connected(), just(side), framing::lines());
        while (!is_over) {
            auto one = blocking_channel::adopt(with.connected(), just(side), framing::lines());
            ++connections;
            if (!one || !kept) {
                ++failures;
                continue;
            }
            const std::string peer(one->facts().find("tls.peer").value_or("-"));
            if (peer != "CN=" + std::string(one->facts().find("tls.alpn").value_or("-"))) ++halves;
            for (blocking_channel* const each : {&*one, &*kept}) {
                if (!each->send("hello")) ++failures;
                auto answer = each->receive();
                if (!answer || answer->text() != "hello") ++failures;
            }
        }
    }
};

}  // namespace

TEST_CASE("certificates are changed while clients connect, and each gets one configuration") {
    const char* const asked = std::getenv("TLS_RELOADS");  // tests/full/tls.sh
    const std::uint64_t reloads = asked == nullptr ? 60 : parse_unsigned(asked).value();
    const auto side = secure(configuration("a"));
    server_options over_tls;
    over_tls.wrappers = just(side);
    const served one(over_tls, framing::lines());
    std::atomic<bool> is_over = false;
    talker all;
    std::thread first([&] { all.talk(one, is_over); });
    std::thread second([&] { all.talk(one, is_over); });
    const tls::server_options both[] = {configuration("a"), configuration("b")};
    for (std::uint64_t i = 0; i < reloads; ++i) {
        CHECK(side->reload(both[i % 2]));
        CHECK_FALSE(side->reload({}));
        const int before = all.connections;
        while (all.connections < before + 2) std::this_thread::yield();
    }
    is_over = true;
    first.join();
    second.join();
    MESSAGE(reloads, " reloads, ", all.connections.load(), " connections");
    CHECK(all.failures == 0);
    CHECK(all.halves == 0);
}
