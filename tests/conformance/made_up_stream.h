// A stream that a test controls, and that has no backend. Sends never complete. While `gives` is set, every receive
// returns data at once.
#pragma once

#include <optional>

#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/no_kernel.h"
#include "weir/loop/loop.h"

namespace weir_test {

using namespace weir;

// The state of a stream; the test reads and sets it. It must outlive the stream.
struct made_up {
    std::size_t untaken = 0;  // sent bytes that the peer has not taken
    bool gives = false;       // each receive completes at once, with `piece` bytes
    std::size_t piece = 4096;
    std::size_t receives = 0;
    bool is_closed = false;
    bool was_reset = false;
};

class made_up_stream final : public byte_stream {
public:
    explicit made_up_stream(made_up& by) : by_(by) {}

    std::optional<arrival> receive() override {
        ++by_.receives;
        if (!by_.gives) return {};
        return arrival{{}, loop::current().memory().lend_a_copy(bytes(by_.piece)), 0};
    }
    std::optional<outcome> send(buffer& bytes) override {
        sending_.swap(bytes);
        return {};
    }
    std::size_t unsent() const noexcept override { return sending_.size(); }
    std::size_t untaken() const noexcept override { return by_.untaken; }
    std::optional<outcome> shutdown_send() override { return outcome{}; }
    void close(bool reset) noexcept override {
        by_.is_closed = true;
        by_.was_reset = reset;
        delete this;
    }
    address local_address() const override { return {}; }
    address peer_address() const override { return {}; }
    result<kernel_view> ask_kernel() const override { return internal::no_kernel(); }

private:
    ~made_up_stream() override = default;

    made_up& by_;
    buffer sending_;
};

}  // namespace weir_test
