// docs/behaviour.md is what the kernel says now, and the measuring tells whoever answers otherwise.
#include <fstream>
#include <sstream>

#include "tests/behaviour/real_sockets.h"
#include "tests/behaviour/table.h"
#include "tests/socket/support.h"

using namespace weir_test;
using behaviour::measure;
using behaviour::real_sockets;

namespace {

std::vector<std::string> lines_of(std::istream& text) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

// Real sockets, but for one answer each.
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

// The calls at which two measurings differ, with how often.
std::map<std::string, int> differing_calls(const behaviour::outcomes& one, const behaviour::outcomes& other) {
    std::map<std::string, int> calls;
    for (const auto& [place, outcome] : one) {
        if (other.at(place) != outcome) ++calls[std::string(std::get<0>(place))];
    }
    return calls;
}

}  // namespace

TEST_CASE_FIXTURE(counted, "docs/behaviour.md is what each call returns in each state of a connection") {
    real_sockets ipv4(weir::socket::ipv4);
    real_sockets ipv6(weir::socket::ipv6);
    real_sockets local(weir::socket::local);
    std::istringstream now(behaviour::write_table(measure(ipv4), measure(ipv6), measure(local)));
    std::ifstream file(BEHAVIOUR_TABLE);
    REQUIRE_MESSAGE(file, "there is no " BEHAVIOUR_TABLE);
    const auto written = lines_of(file);
    const auto measured = lines_of(now);
    INFO("behaviour_table >docs/behaviour.md, beside this program, writes it anew");
    CHECK(written.size() == measured.size());
    for (std::size_t i = 0; i < std::min(written.size(), measured.size()); ++i) {
        INFO("line " << i + 1);
        CHECK(measured[i] == written[i]);
    }
}

TEST_CASE_FIXTURE(counted, "the behaviour table tells an implementation that answers one call otherwise") {
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
