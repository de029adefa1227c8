#include "weir/service/server.h"

#include "weir/service/internal/dispatched_acceptor.h"
#include "weir/service/internal/server_core.h"

namespace weir {

server::server(std::unique_ptr<internal::server_core> made) : core_(std::move(made)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

result<server> server::listen(std::string_view here, framing described, server_options how) {
    auto listening = loop::current().backend().listen(here, how.listening);
    if (!listening) return listening.error();
    return on(std::move(*listening), std::move(described), std::move(how));
}

result<server> server::on(socket listening, framing described, server_options how) {
    auto adopted = loop::current().backend().adopt_listener(std::move(listening));
    if (!adopted) return adopted.error();
    return on(std::move(*adopted), std::move(described), std::move(how));
}

server server::on(owned_acceptor listening, framing described, server_options how) {
    return server(std::make_unique<internal::server_core>(std::move(listening), std::move(described), std::move(how),
                                                          std::make_shared<internal::source_counts>()));
}

result<server> server::join(const server& first, server_options how) {
    auto dispatcher = first.core_->dispatch();
    if (dispatcher == nullptr) return error(errc::unsupported, "listen", {}, "a simulated network has one loop");
    auto* const listening =
        new internal::dispatched_acceptor(dispatcher, how.limits.connections, first.local_address());
    const auto counts = listening->counts();
    auto made = std::make_unique<internal::server_core>(owned_acceptor(listening), first.core_->described(),
                                                        std::move(how), first.core_->sources());
    made->counts_at(std::move(dispatcher), counts);
    return server(std::move(made));
}

task<> server::serve_with(handler handles) {
    internal::server_core& mine = *core_;
    mine.begin(std::move(handles));
    internal::server_core::completion all(mine);  // NOLINT(misc-const-correctness): awaiting changes it
    co_await all;
}

void server::stop() { core_->stop(); }
address server::local_address() const { return core_->local_address(); }
server_stats server::stats() const { return core_->counters()->now(); }

}  // namespace weir
