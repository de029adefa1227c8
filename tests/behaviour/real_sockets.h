// The kernel's sockets, through weir::socket, for the behaviour table.
#pragma once

#include <vector>

#include "tests/behaviour/network.h"
#include "tests/socket/loopback.h"

namespace behaviour {

class real_sockets : public network {
public:
    explicit real_sockets(weir::address_family family) : family_(family) {}

    handle open() override;
    weir::result<void> bind(handle of, const weir::address& here) override { return at(of).bind(here); }
    weir::result<void> listen(handle of, int backlog) override { return at(of).listen(backlog); }
    weir::result<accepted_handle> accept(handle of, weir::deadline until) override;
    weir::result<void> connect(handle of, const weir::address& peer, weir::deadline until) override {
        return at(of).connect(peer, until);
    }
    weir::result<weir::bytes> receive(handle of, std::size_t most, weir::deadline until) override {
        return at(of).receive(most, until);
    }
    weir::result<std::size_t> send(handle of, weir::bytes_view data, weir::deadline until) override {
        return at(of).send(data, until);
    }
    weir::result<void> shutdown(handle of, weir::half which) override { return at(of).shutdown(which); }
    weir::result<weir::address> local_address(handle of) override { return at(of).local_address(); }
    weir::result<weir::address> peer_address(handle of) override { return at(of).peer_address(); }
    weir::result<std::optional<weir::error>> pending_error(handle of) override {
        return at(of).get(weir::option::error);
    }
    weir::result<void> set_blocking(handle of, bool blocking) override { return at(of).set_blocking(blocking); }
    weir::result<void> close(handle of) override { return at(of).close(); }
    weir::result<void> abort(handle of) override;

    weir::address fresh_address() override;
    bool connects_in_steps() const override { return family_ != weir::socket::local; }
    weir::deadline soon() override;
    void settle() override { loopback_.settle(); }
    void close_all() override { sockets_.clear(); }

private:
    weir::socket& at(handle of) { return sockets_.at(static_cast<std::size_t>(of)); }
    handle put(weir::socket made);

    weir::address_family family_;
    std::vector<weir::socket> sockets_;  // by handle; closed ones stay
    weir_test::quiet_loopback loopback_;
};

}  // namespace behaviour
