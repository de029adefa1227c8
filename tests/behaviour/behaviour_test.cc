// Checks docs/behaviour.md and docs/behaviour.zh-CN.md against the running kernel. Checks also that the measurement
// detects an implementation that behaves differently.
#include <fstream>
#include <sstream>

#include "tests/behaviour/real_sockets.h"
#include "tests/behaviour/table.h"
#include "tests/socket/support.h"

using namespace weir_test;
using behaviour::language;
using behaviour::measure;
using behaviour::real_sockets;

namespace {

std::vector<std::string> lines_of(std::istream& text) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

// Each of these two classes behaves like real sockets, except for one wrong outcome.
class forgets_the_end : public real_sockets {
public:
    using real_sockets::real_sockets;
    weir::result<bytes> receive(behaviour::handle of, std::size_t most, weir::deadline until) override {
        auto data = real_sockets::receive(of, most, until);
        if (data && data->empty()) return weir::error(errc::closed, "receive");
        return data;
    }
};

class resets_for_broken_pipe : public real_sockets {
public:
    using real_sockets::real_sockets;
    weir::result<std::size_t> send(behaviour::handle of, bytes_view data, weir::deadline until) override {
        auto sent = real_sockets::send(of, data, until);
        if (sent == errc::broken_pipe) return weir::error(errc::reset, "send");
        return sent;
    }
};

// Returns the calls whose outcomes differ between two measurements, with the number of states in which they differ.
std::map<std::string, int> differing_calls(const behaviour::outcomes& one, const behaviour::outcomes& other) {
    std::map<std::string, int> calls;
    for (const auto& [place, outcome] : one) {
        if (other.at(place) != outcome) ++calls[std::string(std::get<0>(place))];
    }
    return calls;
}

}  // namespace

TEST_CASE_FIXTURE(counted, "docs/behaviour.md and its Chinese page show what each call returns in each state") {
    real_sockets ipv4(weir::socket::ipv4);
    real_sockets ipv6(weir::socket::ipv6);
    real_sockets local(weir::socket::local);
    const auto on_ipv4 = measure(ipv4), on_ipv6 = measure(ipv6), on_local = measure(local);
    const std::string english = BEHAVIOUR_TABLE;
    const std::string chinese = english.substr(0, english.size() - std::string_view("md").size()) + "zh-CN.md";
    for (const auto written_in : {language::english, language::chinese}) {
        const std::string& path = written_in == language::english ? english : chinese;
        std::istringstream now(behaviour::write_table(on_ipv4, on_ipv6, on_local, written_in));
        std::ifstream file(path);
        REQUIRE_MESSAGE(file, path << " does not exist");
        const auto written = lines_of(file);
        const auto measured = lines_of(now);
        INFO("behaviour_table, beside this program, writes ", path, " again");
        CHECK(written.size() == measured.size());
        for (std::size_t i = 0; i < std::min(written.size(), measured.size()); ++i) {
            INFO("line " << i + 1);
            CHECK(measured[i] == written[i]);
        }
    }
}

TEST_CASE("the Chinese page of the behaviour table has a word for each outcome, and refuses an unknown one") {
    CHECK(behaviour::say("4 bytes, then `would_block`", language::chinese) == "4 字节；再次调用：`would_block`");
    CHECK(behaviour::say("ok (with a deadline waits)", language::chinese) == "成功（有截止时间：等待）");
    CHECK(behaviour::say_both("ok", "waits, then ok", language::chinese) == "IPv4：成功；IPv6：等待；再次调用：成功");
    CHECK_THROWS(behaviour::say("another", language::chinese));
    CHECK(behaviour::say("another", language::english) == "another");
}

TEST_CASE_FIXTURE(counted, "the behaviour table shows an implementation in which one call returns something else") {
    for (const auto family : {weir::socket::ipv4, weir::socket::local}) {
        INFO("family " << std::string(to_string(family)));
        real_sockets honest(family);
        const auto truth = measure(honest);
        forgets_the_end forgetful(family);
        const auto without_end = differing_calls(truth, measure(forgetful));
        CHECK(without_end.size() == 1);
        CHECK(without_end.at("receive") > 10);
        resets_for_broken_pipe resetting(family);
        const auto without_pipe = differing_calls(truth, measure(resetting));
        CHECK(without_pipe.size() == 1);
        CHECK(without_pipe.at("send") > 10);
    }
}
