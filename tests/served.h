// A server for one test, on its own thread.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "weir/weir.h"

namespace weir_test {

using namespace weir;

class served {
public:
    explicit served(server_options how, framing described = framing::len32(), task<> (*handles)(channel) = &echo)
        : where_("127.0.0.1:0") {
        auto listening = listen_on("127.0.0.1:0");
        REQUIRE(listening);
        where_ = listening->local_address()->to_string();
        thread_ = std::thread([this, how, described, handles, socket = std::move(*listening)]() mutable {
            weir::run(
                [](weir::socket on, framing as, server_options by, task<> (*with)(channel), served& of) -> task<> {
                    auto opened = server::on(std::move(on), std::move(as), std::move(by));
                    REQUIRE(opened);
                    of.loop_ = loop::current().from_elsewhere();
                    of.server_ = &*opened;
                    of.is_ready_ = true;
                    task<> running = opened->run(with);
                    co_await std::move(running);
                }(std::move(socket), described, how, handles, *this));
        });
        while (!is_ready_) std::this_thread::yield();
    }
    served(const served&) = delete;
    served& operator=(const served&) = delete;
    ~served() {
        loop_->post([this] {
            server_->stop();
            server_->stop();
        });
        thread_.join();
    }
    weir::socket connected() const {
        auto made = connect_to(where_);
        REQUIRE(made);
        return std::move(*made);
    }

    static task<> echo(channel client) {
        while (auto message = co_await client.receive()) co_await client.send(*message);
    }

private:
    std::string where_;
    std::atomic<bool> is_ready_ = false;
    std::optional<remote> loop_;
    server* server_ = nullptr;
    std::thread thread_;
};

}  // namespace weir_test
