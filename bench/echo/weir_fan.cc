// A fan-out with weir: each message goes to all connections, the one that sent it too.
#include <weir/weir.h>

#include <string>
#include <vector>

#include "bench/echo/arguments.h"

using room = std::vector<weir::channel*>;

weir::task<> member(weir::channel client, room& all) {
    all.push_back(&client);
    while (auto message = co_await client.receive()) {
        const weir::shared_payload said(*message);
        for (std::size_t i = 0; i < all.size(); ++i) co_await all[i]->send(said);
    }
    std::erase(all, &client);
}

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    weir::serve_options options;
    options.backend = how.backend == "epoll" ? weir::backend_kind::epoll : weir::backend_kind::io_uring;
    options.limits.connections.reset();
    options.limits.connections_of_a_source = std::nullopt;
    options.limits.connection.first_message.reset();  // most of them only listen
    options.limits.connection.idle.reset();
    room all;
    return weir::serve("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing), options, member,
                       std::ref(all));
}
