// behaviour_table: measures docs/behaviour.md on this machine's sockets and writes it to standard output.
#include <cstdio>
#include <exception>

#include "tests/behaviour/real_sockets.h"
#include "tests/behaviour/table.h"

int main() {
    try {
        behaviour::real_sockets ipv4(weir::socket::ipv4);
        behaviour::real_sockets ipv6(weir::socket::ipv6);
        behaviour::real_sockets local(weir::socket::local);
        const auto text =
            behaviour::write_table(behaviour::measure(ipv4), behaviour::measure(ipv6), behaviour::measure(local));
        return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "behaviour_table: %s\n", problem.what());
        return 1;
    }
}
