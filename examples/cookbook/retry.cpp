// Connecting again and again: each wait is longer than the one before, and partly random. The task gives up after some
// attempts, after an error that another attempt cannot fix, and when it is cancelled.
#include <weir/weir.h>

#include <iostream>
#include <random>

using namespace std::chrono_literals;

class retry_options {
public:
    retry_options() = default;
    int attempts = 10;
    weir::duration one_attempt = 5s;
    weir::duration first_wait = 50ms;
    weir::duration longest_wait = 30s;
};

bool may_pass(weir::errc code) {  // not_found: a name, or the path of a Unix server, that does not exist yet
    using enum weir::errc;
    return code == refused || code == unreachable || code == timed_out || code == reset || code == not_found;
}

weir::task<weir::result<weir::channel>> connect_patiently(std::string where, retry_options how) {
    std::mt19937_64 random(std::random_device{}());
    weir::duration wait = how.first_wait;
    for (int attempt = 1;; ++attempt) {
        auto connected = co_await weir::connect(where, weir::framing::lines(), {}, weir::within(how.one_attempt));
        if (connected) co_return connected;
        const weir::error& why = connected.error();
        if (!may_pass(why.code()) || attempt == how.attempts)
            co_return why.during("attempt " + std::to_string(attempt) + " to connect", where);
        std::uniform_int_distribution<weir::duration::rep> between(wait.count() / 2, wait.count());
        auto slept = co_await weir::sleep(weir::duration(between(random)));
        if (!slept) co_return slept.error();  // cancelled
        wait = std::min(2 * wait, how.longest_wait);
    }
}

std::string outcome(const weir::result<weir::channel>& connected) {
    if (connected) return "connected\n";
    const std::string operation(connected.error().operation());  // empty for a deadline
    return operation.empty() ? "out of time\n" : operation + " was the last\n";
}

weir::task<> listen_later(weir::socket& bound) {
    co_await weir::sleep(120ms);
    if (auto listens = bound.listen(); !listens) listens.error().print();
}

weir::task<int> try_all() {
    auto bound = weir::socket::open(weir::socket::ipv4, weir::socket::stream);  // a port where nothing listens yet
    if (!bound) co_return bound.error().print();
    if (auto named = bound->bind("127.0.0.1:0"); !named) co_return named.error().print();
    const std::string where = bound->local_address()->to_string();
    const retry_options usual;
    retry_options few;
    few.attempts = 3;
    auto limited = co_await connect_patiently(where, few);
    std::cout << "three attempts: " << outcome(limited);
    auto wrong = co_await connect_patiently("127.0.0.1", usual);
    std::cout << "an address without a port: " << outcome(wrong);
    auto late = co_await weir::with_deadline(connect_patiently(where, usual), weir::within(20ms));
    std::cout << "20 ms for all attempts: " << outcome(late);
    auto [patient, none] = co_await weir::when_all(connect_patiently(where, usual), listen_later(*bound));
    std::cout << "a server that starts later: " << outcome(patient);
    co_return patient ? 0 : patient.error().print();
}

int main() { return weir::run(try_all()); }
