// Compares simulated datagrams with the kernel. Two simulated ports, of which one is connected and the other one is
// sometimes closed, have the same results as real ones.
#include <doctest/doctest.h>

#include "recorders.h"
#include "weir/coroutine/run.h"
#include "weir/kernel/open_backend.h"
#include "weir/loop/loop.h"

using namespace std::chrono_literals;
using weir::choices;

namespace {

std::string say(const weir::outcome& how) { return std::to_string(how.system_code); }

void settle(weir::backend& net, weir::duration patience) {
    for (int i = 0; i < 3; ++i) net.wait(net.now() + patience);
}

void add_news(std::string& transcript, weir_test::postman& one) {
    for (const auto& parcel : one.came) {
        transcript.append(" ").append(say(parcel.how)).append(":").append(parcel.bytes.view().text());
        transcript.append("/").append(std::to_string(parcel.full_size));
    }
    one.came.clear();
}

// Runs a script with a connected client, and a server that is closed and opened again. Returns all results and
// completions.
std::string run(weir::backend& net, const std::string& where, const std::vector<int>& script, weir::duration patience) {
    std::optional<weir_test::postman> server(std::in_place, net, *weir::address::parse(where), weir::address());
    const weir::address here = server->port->local_address();
    const bool is_ip = here.is_ip();
    weir_test::postman client(net, is_ip ? here.with_port(0) : weir::address::local_unnamed(), here);
    const weir::address client_here = client.port->local_address();
    std::string transcript;
    for (const int step : script) {
        transcript.append("\n").append(std::to_string(step));
        switch (step) {
            case 0:
            case 1: transcript.append(" sent ").append(say(client.port->send("question", {}))); break;
            case 2:
            case 3: client.ask(); break;
            case 4:
                if (server) server->ask();
                break;
            case 5:
                if (server) transcript.append(" sent ").append(say(server->port->send("answer", client_here)));
                break;
            case 6:
                if (server) transcript.append(" sent ").append(say(server->port->send("lost", {})));
                break;
            default:
                // A new server is made only for IP: a connected Unix socket stays without a peer, even if another
                // socket gets the name of the closed one.
                if (server) {
                    server.reset();
                } else if (is_ip) {
                    server.emplace(net, here, weir::address());
                }
        }
        settle(net, patience);
        transcript.append(" client:");
        add_news(transcript, client);
        transcript.append(" server:");
        if (server) add_news(transcript, *server);
    }
    return transcript;
}

}  // namespace

TEST_CASE("random calls on two datagram ports have the same results as on Linux") {
    for (const auto which : {weir::backend_kind::epoll, weir::backend_kind::io_uring}) {
        CAPTURE(to_string(which));
        auto real = weir::open_backend(which);
        REQUIRE(real);
        for (const char* const where : {"127.0.0.1:0", "[::1]:0"}) {
            choices draw = choices::random(53);
            CAPTURE(where);
            for (int round = 0; round < 200; ++round) {
                CAPTURE(round);
                std::vector<int> script(3 + draw.below(8));
                for (int& step : script) step = static_cast<int>(draw.below(8));
                weir::sim::network simulated(choices::replay({}), weir_test::without_delays());
                const std::string answered = run(simulated, where, script, 100us);
                std::string expected = run(**real, where, script, 100us);
                if (expected != answered) expected = run(**real, where, script, 20ms);
                REQUIRE(answered == expected);
            }
        }
    }
}
