// Shared by the programs of the textbook: a call that must succeed, a statement that must hold, two connected sockets,
// and a peer that vanishes. These programs stop at the first error, so that the calls themselves stay readable. Your
// own program should return the error instead: `if (!sent) return sent.error().print();`.
#pragma once

#include <linux/filter.h>
#include <sys/socket.h>
#include <weir/weir.h>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <type_traits>
#include <utility>

// Returns the value. If there is an error, prints it and ends the program with exit code 1.
template <class T>
T must(weir::result<T> done) {
    if (!done) std::exit(done.error().print());
    if constexpr (!std::is_void_v<T>) return std::move(*done);
}

// Prints the sentence if `holds` is true. Otherwise prints that the sentence is wrong and ends the program with exit
// code 1.
inline void show(bool holds, std::string_view sentence) {
    if (!holds) {
        std::cout << "WRONG: " << sentence << std::endl;
        std::exit(1);
    }
    std::cout << sentence << '\n';
}

// Returns true as soon as `condition()` is true, and false after ten seconds. Sent bytes need a moment to arrive.
template <class Condition>
bool eventually(Condition condition) {
    const auto until = weir::within(std::chrono::seconds(10));
    while (!condition()) {
        if (until.passed(weir::now())) return false;
    }
    return true;
}

struct connected_pair {
    weir::socket client;
    weir::socket server;  // the connection that accept() returned
};

// Returns two connected TCP sockets.
inline connected_pair pair() {
    auto listener = must(weir::listen_on("127.0.0.1:0"));
    auto client = must(weir::connect_to(must(listener.local_address()).to_string()));
    auto accepted = must(listener.accept());
    return {std::move(client), std::move(accepted.connection)};
}

struct connected_channels {
    weir::channel client;
    weir::channel server;
};

// Returns two connected channels of the running loop.
inline connected_channels channels(const weir::framing& described) {
    auto sockets = pair();
    return {must(weir::adopt(std::move(sockets.client), described)),
            must(weir::adopt(std::move(sockets.server), described))};
}

// Makes this end of a connection vanish: from now on the kernel drops every packet that arrives for it. The other end
// gets no acknowledgment and no reset, as if a cable were cut. SO_ATTACH_FILTER, socket(7).
inline void vanish(weir::socket& one) {
    sock_filter drop_everything{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &drop_everything};
    must(one.set_option(SOL_SOCKET, SO_ATTACH_FILTER, {reinterpret_cast<const std::byte*>(&program), sizeof program}));
}
