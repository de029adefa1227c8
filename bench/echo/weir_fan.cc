// A fan-out with weir: each message goes to all connections, including its sender.
#include <weir/weir.h>

#include <string>
#include <vector>

#include "bench/echo/arguments.h"
#include "bench/echo/serve_all.h"

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
    room all;
    return weir::serve("127.0.0.1:" + std::to_string(how.port), *weir::framing::parse(how.framing),
                       bench::serve_all(how), member, std::ref(all));
}
