// Runs the examples on every backend. Each must print the content of its .out file, whatever the network does.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <sstream>

#include "tests/conformance/backends.h"
#include "weir/framing/formats/checksum.h"

namespace chat_example {
#define main chat_main
#include "examples/chat.cpp"
#undef main
}  // namespace chat_example
namespace datagrams_example {
#define main datagrams_main
#include "examples/datagrams.cpp"
#undef main
}  // namespace datagrams_example
namespace echo_example {
#define main echo_main
#include "examples/echo.cpp"
#undef main
}  // namespace echo_example
namespace file_transfer_example {
#define main file_transfer_main
#include "examples/file_transfer.cpp"
#undef main
}  // namespace file_transfer_example
namespace request_reply_example {
#define main request_reply_main
#include "examples/request_reply.cpp"
#undef main
}  // namespace request_reply_example

using namespace weir_test;

namespace {

std::string content_of(const std::string& path) {
    std::ifstream from(path, std::ios::binary);
    REQUIRE(from);
    std::ostringstream all;
    all << from.rdbuf();
    return all.str();
}

// EXAMPLE_SEEDS=N in the environment sets the number of runs in the simulated networks.
std::uint64_t seeds() {
    const char* const said = std::getenv("EXAMPLE_SEEDS");
    return said == nullptr ? 0 : std::stoull(said);
}

// Runs `main_task(given..., printed)` of an example on each backend, and compares what it printed with NAME.out.
template <class Main, class... Given>
void prints_expected_output(const std::string& name, Main main_task, Given... given) {
    const std::string expected = content_of(std::string(EXAMPLES "/") + name + ".out");
    on_each_backend(
        [&] {
            auto run = [](Main body, std::string expects, Given... arguments) -> task<> {
                std::ostringstream printed;
                CHECK(co_await body(arguments..., printed) == 0);
                CHECK(printed.str() == expects);
            };
            return run(main_task, expected, given...);
        },
        seeds());
}

task<> converse(std::string where, std::string words) {
    auto connected = co_await connect(where, framing::lines());
    REQUIRE(connected);
    for (int i = 0; i < 3; ++i) {
        words += std::to_string(i);
        co_await connected->send(words);
        auto reply = co_await connected->receive();
        REQUIRE(reply);
        CHECK(reply->text() == words);
    }
    connected->shutdown_send();
    auto end = co_await connected->receive();
    CHECK(end == errc::closed);
}

task<> echoes() {
    auto opened = server::listen("127.0.0.1:0", framing::lines());
    REQUIRE(opened);
    auto all = [](scope& children, server& open) -> task<> {
        children.spawn(open.run(echo_example::echo));
        const std::string where = open.local_address().to_string();
        co_await when_all(converse(where, "one"), converse(where, "other"), converse(where, std::string(20'000, 'x')));
        open.stop();
    };
    auto ended = co_await in_scope(+all, std::ref(*opened));
    CHECK(ended);
    CHECK(opened->stats().ended_by(errc::closed) == 3);
}

}  // namespace

TEST_CASE("the eight lines of the echo server serve several clients at once") { on_each_backend(echoes, seeds()); }
TEST_CASE("the chat room disconnects a member that reads nothing, and no other member waits for it") {
    prints_expected_output("chat", &chat_example::evening);
}
TEST_CASE("each question gets its own answer, although the answers arrive in another order") {
    prints_expected_output("request_reply", &request_reply_example::conversation);
}
TEST_CASE("each question by datagram gets its answer") {
    prints_expected_output("datagrams", &datagrams_example::conversation);
}
TEST_CASE("each question by datagram gets its answer in a network that loses a third, doubles and reorders") {
    const std::string expected = content_of(EXAMPLES "/datagrams.out");
    sim::network_options faults;
    faults.lose_one_in = 3;
    faults.double_one_in = 4;
    faults.reorder_one_in = 4;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        loop here(std::make_unique<sim::network>(choices::random(seed), faults));
        std::ostringstream printed;
        const int code = here.run(datagrams_example::conversation(printed));
        if (code == 0) CHECK(printed.str() == expected);
        CHECK(expected.starts_with(printed.str()));  // if all ten attempts are lost, the example ends early
    }
}
TEST_CASE("a file arrives as it was sent, and a file that cannot be read is an error") {
    const std::string path = std::filesystem::temp_directory_path() / ("weir_examples_" + std::to_string(::getpid()));
    std::ofstream(path, std::ios::binary) << std::string(1'000'000, 'w');
    prints_expected_output("file_transfer", &file_transfer_example::transfer, path);
    std::filesystem::remove(path);
    std::ostringstream printed;
    CHECK(run(file_transfer_example::transfer(path, printed)) == 1);
    CHECK(printed.str().empty());
}
