// behaviour_table [zh-CN]: measures the sockets of this machine, and writes docs/behaviour.md to standard output; with
// the argument, docs/behaviour.zh-CN.md.
#include <cstdio>
#include <exception>
#include <string_view>

#include "tests/behaviour/real_sockets.h"
#include "tests/behaviour/table.h"

int main(int count, char** arguments) {
    const bool is_chinese = count == 2 && std::string_view(arguments[1]) == "zh-CN";
    if (count > 1 && !is_chinese) {
        std::fputs("usage: behaviour_table [zh-CN]\n", stderr);
        return 2;
    }
    try {
        behaviour::real_sockets ipv4(weir::socket::ipv4);
        behaviour::real_sockets ipv6(weir::socket::ipv6);
        behaviour::real_sockets local(weir::socket::local);
        const auto text =
            behaviour::write_table(behaviour::measure(ipv4), behaviour::measure(ipv6), behaviour::measure(local),
                                   is_chinese ? behaviour::language::chinese : behaviour::language::english);
        return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "behaviour_table: %s\n", problem.what());
        return 1;
    }
}
