// `weir demo`: shows what TCP does to messages and how framing solves it, over loopback on this machine. Every number
// in the transcript is measured in this run, and every claim is verified.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <weir/base/text.h>
#include <weir/weir.h>

#include "tool/command/commands.h"
#include "tool/command/signals.h"
#include "tool/command/talk.h"
#include "tool/terminal/json.h"
#include "tool/terminal/standard_output.h"

namespace weir_tool {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t large = 1'000'000;
const std::vector<std::string> words{"one", "two", "three"};

// Thrown when the kernel does not behave as the transcript claims, or when the network fails. The demonstration prints
// the text of this exception and ends.
struct otherwise : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class T>
T need(weir::result<T> outcome) {
    if (!outcome) throw otherwise(outcome.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

void claim(bool holds, const std::string& sentence) {
    if (!holds) throw otherwise(sentence);
}

// Both ends of a TCP connection.
struct both_ends {
    weir::socket client, server;
};

class demonstration {
public:
    explicit demonstration(bool json) : json_(json), listener_(need(weir::listen_on("127.0.0.1:0"))) {}

    void run();

private:
    void glue();
    void tear();
    void frame(const weir::framing& described, std::string_view title);
    void survive_a_stranger();

    both_ends connect();
    void wait_until_arrived(const weir::socket& sender) const;
    void show(std::string_view title, const std::vector<std::string>& lines, json_object measured);
    void print(const std::string& text) { need(out_.write(text)); }

    bool json_;
    weir::socket listener_;
    weir::deadline until_ = weir::within(20s);
    int step_ = 0;
    standard_output out_;
};

void demonstration::run() {
    const std::string here = need(listener_.local_address()).to_string();
    if (json_) {
        print(json_object("listening").add("address", here).line());
    } else {
        print(fmt::format("A server listens on {}. What follows was measured just now, on real sockets.\n", here));
    }
    glue();
    tear();
    frame(weir::framing::lines(), "The same with a line feed after each message: framing \"lines\".");
    frame(weir::framing::len32(), "The same with the length in front, four bytes: framing \"len32\".");
    survive_a_stranger();
    if (!json_) print("\nTCP carries bytes. Programs exchange messages. `weir --help` lists the commands.\n");
    need(out_.flush());
}

void demonstration::glue() {
    auto ends = connect();
    for (const auto& word : words) need(ends.client.send_all(word, until_));
    wait_until_arrived(ends.client);
    const weir::bytes got = need(ends.server.receive(1024, until_));
    claim(got == fmt::format("{}", fmt::join(words, "")),
          "the bytes of three sends arrived differently: " + weir::quote(got));
    show("TCP glues.",
         {fmt::format("The client calls send() {} times: \"{}\".", words.size(), fmt::join(words, "\", \"")),
          fmt::format("The server calls receive() once and gets {} bytes: {}.", got.size(), weir::quote(got))},
         json_object("glue").add("sends", words.size()).add("receives", std::uint64_t{1}).add("bytes", got.size()));
}

void demonstration::tear() {
    auto ends = connect();
    const weir::bytes sent(large);
    weir::result<void> outcome;
    std::thread client([&] { outcome = ends.client.send_all(sent, until_); });
    std::vector<std::size_t> sizes;
    std::size_t all = 0;
    std::optional<weir::error> failed;
    while (all < large && !failed) {
        const auto got = ends.server.receive(2 * large, until_);  // there is room for all of it
        if (!got || got->empty()) failed = got ? weir::error(weir::errc::closed, "receive") : got.error();
        if (failed) break;
        sizes.push_back(got->size());
        all += got->size();
    }
    client.join();
    claim(!failed, failed ? failed->message() : std::string());
    need(outcome);
    claim(sizes.size() > 1, "one receive() returned a million bytes at once");
    const std::vector<std::size_t> first(sizes.begin(),
                                         sizes.begin() + static_cast<long>(std::min<std::size_t>(4, sizes.size())));
    show("TCP tears.",
         {fmt::format("The client sends one message of {} bytes.", large),
          fmt::format("The server calls receive() with a buffer for all of it, and needs {} calls: {}{} bytes.",
                      sizes.size(), fmt::join(first, ", "), sizes.size() > first.size() ? " ..." : "")},
         json_object("tear").add("bytes", all).add("sends", std::uint64_t{1}).add("receives", sizes.size()));
}

void demonstration::frame(const weir::framing& described, std::string_view title) {
    auto ends = connect();
    weir::blocking_channel client(std::move(ends.client), described);
    for (const auto& word : words) need(client.send(word, until_));
    wait_until_arrived(client.connection());
    const weir::bytes wire = need(ends.server.receive(1024, until_));
    weir::decoder decoder(described);
    decoder.feed(wire);
    std::vector<std::string> got;
    for (auto step = decoder.next(); step.what == weir::decoder::message; step = decoder.next()) {
        got.emplace_back(step.payload.text());
    }
    claim(got == words, "the messages did not survive being glued");

    weir::blocking_channel server(std::move(ends.server), described);
    weir::bytes sent(large);
    std::fill(sent.begin(), sent.end(), std::byte{'x'});
    weir::result<void> outcome;
    std::thread sender([&] { outcome = client.send(sent, until_); });
    const auto message = server.receive(until_);
    const bool same = message && message->view() == sent.view();
    sender.join();
    need(outcome);
    claim(same, "the large message did not survive the segmentation");
    show(title,
         {fmt::format("{} sends, one receive: {} bytes, {}.", words.size(), wire.size(), weir::quote(wire)),
          fmt::format("The decoder makes {} messages of them: \"{}\".", got.size(), fmt::join(got, "\", \"")),
          fmt::format("The message of {} bytes arrives as {} message of {} bytes.", large, server.messages_received(),
                      sent.size())},
         json_object("frame")
             .add("framing", described.to_string())
             .add("wire_bytes", wire.size())
             .add("messages", got.size() + server.messages_received()));
}

void demonstration::survive_a_stranger() {
    auto ends = connect();
    const std::string request = "GET / HTTP/1.1\r\nHost: weir\r\n\r\n";
    need(ends.client.send_all(request, until_));
    weir::blocking_channel server(std::move(ends.server), weir::framing::len32());
    const auto refused = server.receive(until_);
    claim(refused == weir::errc::too_large, "the HTTP request was mistaken for a message");
    const std::string sentence = describe_cause(refused.error());
    need(server.close(0s));

    auto others = connect();
    weir::blocking_channel client(std::move(others.client), weir::framing::len32());
    weir::blocking_channel next(std::move(others.server), weir::framing::len32());
    need(client.send("hello", until_));
    need(next.send(need(next.receive(until_)), until_));
    const std::string answer(need(client.receive(until_)).text());
    claim(answer == "hello", "the next client was not served");
    show("Another protocol, sent to the len32 server.",
         {fmt::format("The client sends {}.", weir::quote(request)),
          fmt::format("The server refuses it before anything is allocated: {}.", sentence),
          fmt::format("The next client sends \"hello\" and receives the reply {}.", weir::quote(answer))},
         json_object("stranger").add("close_reason", word_for(refused.error().code())).add("reason", sentence));
}

both_ends demonstration::connect() {
    both_ends ends;
    ends.client = need(weir::connect_to(need(listener_.local_address()).to_string(), until_));
    need(ends.client.set(weir::option::no_delay, true));
    ends.server = need(listener_.accept(until_)).connection;
    return ends;
}

// Waits until the receiving kernel has acknowledged every byte: tcpi_unacked of TCP_INFO, tcp(7), a 32-bit count at
// byte 24.
void demonstration::wait_until_arrived(const weir::socket& sender) const {
    constexpr int protocol_tcp = 6;
    constexpr int tcp_info = 11;
    constexpr std::size_t place = 24;
    std::uint32_t segments = 1;
    while (segments != 0) {
        const weir::bytes info = need(sender.get_option(protocol_tcp, tcp_info, place + sizeof segments));
        claim(info.size() == place + sizeof segments, "the kernel reports nothing about the connection");
        std::memcpy(&segments, info.data() + place, sizeof segments);
        claim(!until_.passed(weir::now()), "the bytes did not arrive in time");
        if (segments != 0) std::this_thread::sleep_for(1ms);
    }
}

void demonstration::show(std::string_view title, const std::vector<std::string>& lines, json_object measured) {
    ++step_;
    if (json_) return print(measured.line());
    print(fmt::format("\n{}. {}\n", step_, title));
    for (const auto& line : lines) print(fmt::format("   {}\n", line));
}

}  // namespace

int demo(const given& options) {
    const signals impatient([](int number, int) { die_by(number); });
    try {
        demonstration(options.said("json")).run();
    } catch (const otherwise& why) {
        complain("weir demo", why.what());
        return exit_code::failure;
    }
    return exit_code::ok;
}

}  // namespace weir_tool
