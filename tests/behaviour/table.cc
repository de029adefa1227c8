#include "tests/behaviour/table.h"

#include "tests/behaviour/calls.h"

namespace behaviour {
namespace {

enum class manner { blocking, with_deadline, non_blocking };

std::string make_twice(network& on, const state& in, const call& which, manner how) {
    scene at;
    in.reach(on, at);
    static_cast<void>(on.set_blocking(at.own, how != manner::non_blocking));  // a closed one refuses
    const auto until = [&] { return how == manner::with_deadline && which.can_wait ? on.soon() : weir::deadline(); };
    std::string said = which.make(on, at, until());
    if (said != waits) {
        on.settle();
        // A call that waits only now is not made without a deadline.
        const std::string again =
            which.make(on, at, which.can_wait && how != manner::non_blocking ? on.soon() : until());
        if (again != said) said += ", then " + again;
    }
    on.close_all();
    return said;
}

// What nobody should rely on: the outcome is run, and not written down.
struct unpinned {
    std::string_view call, state, why;
};

constexpr unpinned not_pinned[] = {
    {"connect", "refused", "the kernel's affair: open a new socket"},
    {"local_address", "refused", "the kernel's affair"},
    {"local_address", "refused, not told", "the kernel's affair"},
};

std::string_view why_not_pinned(std::string_view call, std::string_view state) {
    for (const auto& one : not_pinned) {
        if (one.call == call && one.state == state) return one.why;
    }
    return {};
}

std::string tcp(const std::string& ipv4, const std::string& ipv6) {
    return ipv4 == ipv6 ? ipv4 : "IPv4: " + ipv4 + "; IPv6: " + ipv6;
}

std::string row(const call& which, const state& in, const outcomes& ipv4, const outcomes& ipv6, const outcomes& local) {
    std::string line = "| " + std::string(in.name) + " |";
    const auto cell = [&](const std::string& blocking, const std::string& non_blocking) {
        if (blocking.empty()) return std::string(" no such state |");
        if (!which.can_wait)
            return " " + (blocking == non_blocking ? blocking : blocking + " / " + non_blocking) + " |";
        return " " + blocking + " | " + (blocking == non_blocking ? "the same" : non_blocking) + " |";
    };
    const auto of = [&](const outcomes& all, bool blocking) { return all.at({which.name, in.name, blocking}); };
    const std::string_view why = why_not_pinned(which.name, in.name);
    if (!why.empty()) {
        line.append(" ").append(why).append(which.can_wait ? " | the same |" : " |");
    } else {
        line += cell(tcp(of(ipv4, true), of(ipv6, true)), tcp(of(ipv4, false), of(ipv6, false)));
    }
    const std::string unix_stream = cell(of(local, true), of(local, false));
    line += unix_stream;
    if (which.can_wait && of(local, true).empty()) line += " |";
    return line + "\n";
}

constexpr std::string_view opening = R"(# What each call returns in each state of a connection

Made by a program that runs every call in every state on real sockets, and compared with what it says now by each run
of the tests; `build/check/release/tests/behaviour_table >docs/behaviour.md` writes it anew. It speaks of Linux.

- An error is a word of `weir::errc`. `the end` is an empty receive: nothing more will come.
- `waits` is a blocking call that waits, for good unless it has a deadline. Non-blocking it is `would_block`.
- `A, then B`: the same call made again says B. Where nothing is said it says the same.
- Between the steps all that was sent has arrived. What a call says *before* the peer's answer is here is a matter of
  time: after the peer has closed over TCP, any number of sends may succeed until the answer to the first, a reset, has
  come back.
- TCP is IPv4 and IPv6. The sizes of the kernel's buffers, and so when a send waits because they are full, are its
  affair.

)";

}  // namespace

outcomes measure(network& on) {
    outcomes all;
    for (const auto& which : calls()) {
        for (const auto& in : states()) {
            std::string& blocking = all[{which.name, in.name, true}];
            std::string& non_blocking = all[{which.name, in.name, false}];
            if (in.needs_steps && !on.connects_in_steps()) continue;
            blocking = make_twice(on, in, which, manner::with_deadline);
            if (which.can_wait && blocking != waits) {
                const std::string without = make_twice(on, in, which, manner::blocking);
                if (without != blocking) blocking = without + " (with a deadline " + blocking + ")";
            }
            non_blocking = make_twice(on, in, which, manner::non_blocking);
        }
    }
    return all;
}

std::string write_table(const outcomes& ipv4, const outcomes& ipv6, const outcomes& local) {
    std::string text(opening);
    text += "| state | how it came to be |\n|---|---|\n";
    for (const auto& in : states()) text.append("| ").append(in.name).append(" | ").append(in.how).append(" |\n");
    for (const auto& which : calls()) {
        text.append("\n## ").append(which.name).append("\n\n");
        text += which.can_wait
                    ? "| state | TCP | TCP, non-blocking | Unix | Unix, non-blocking |\n|---|---|---|---|---|\n"
                    : "| state | TCP | Unix |\n|---|---|---|\n";
        for (const auto& in : states()) text += row(which, in, ipv4, ipv6, local);
    }
    return text;
}

}  // namespace behaviour
