#include "weir/tls/client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "weir/base/text.h"
#include "weir/tls/internal/tls_context.h"
#include "weir/tls/internal/wrap_in_tls.h"

namespace weir::tls {
namespace {

class client_wrapper final : public wrapper {
public:
    explicit client_wrapper(client_options how)
        : host_(how.host), time_(how.handshake_time), context_(internal::tls_context::of_client(std::move(how))) {}

    std::string_view name() const noexcept override { return "tls"; }
    std::optional<duration> handshake_time() const noexcept override { return time_; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override {
        if (!context_) co_return error(context_.error().code(), {}, {}, context_.error().message());
        std::string host(host_.empty() ? peer.host() : std::string_view(host_));
        host.erase(std::min(host.find('%'), host.size()));  // the interface of a link-local address
        if (host.ends_with('.')) host.pop_back();           // "example.org." is the same name (RFC 6066, 3)
        if (!host.empty() && !internal::is_host(host))
            co_return error(errc::invalid, {}, {},
                            quote(bytes_view(host), 100) + " is neither a host name nor an IP address");
        const auto& how = (*context_)->client();
        if (host.empty() && (*context_)->verifies_chain() && !how.accept_any_certificate_insecurely)
            co_return error(errc::invalid, {}, {},
                            "there is no name to verify: set client_options::host; only connect() with wrappers sets "
                            "it automatically");
        task<result<owned_stream>> wrapping = internal::wrap_in_tls(*context_, std::move(host), std::move(below), peer);
        auto wrapped = co_await std::move(wrapping);
        co_return wrapped;
    }

private:
    std::string host_;
    std::optional<duration> time_;
    result<std::shared_ptr<const internal::tls_context>> context_;
};

}  // namespace

std::shared_ptr<const wrapper> client(client_options how) { return std::make_shared<client_wrapper>(std::move(how)); }

}  // namespace weir::tls
