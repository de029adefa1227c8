#include "weir/stream/stream_pair.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/check.h"
#include "weir/loop/internal/no_kernel.h"
#include "weir/loop/loop.h"

namespace weir {
namespace {

// One direction of the pair.
struct pipe {
    buffer content;
    bool has_ended = false;  // its sender shut down or closed
    bool is_closed = false;  // its receiver has closed
    bool was_reset = false;  // one end was reset, or closed with bytes unread or unsent
};

class pair_end final : public byte_stream, private internal::ready_item {
public:
    pair_end(loop& here, std::size_t most, std::shared_ptr<pipe> in, std::shared_ptr<pipe> out)
        : here_(here), most_(most), in_(std::move(in)), out_(std::move(out)) {}
    void meet(pair_end& other) noexcept { other_ = &other; }

    std::optional<arrival> receive() override {
        if (auto came = take()) return came;
        is_receiving_ = true;
        return {};
    }

    std::optional<outcome> send(buffer& bytes) override {
        if (auto failed = sending_failure()) {
            bytes.clear();
            return failed;
        }
        sending_.swap(bytes);
        bytes.clear();
        push();
        if (sending_.empty()) {
            sending_.swap(bytes);
            return outcome{};
        }
        is_sending_ = true;
        return {};
    }

    std::size_t unsent() const noexcept override { return sending_.size(); }
    std::size_t untaken() const noexcept override { return sending_.size() + out_->content.size(); }

    std::optional<outcome> shutdown_send() override {
        out_->has_ended = true;
        wake(other_);
        return outcome{};
    }

    std::optional<outcome> halt() override {
        is_receiving_ = is_sending_ = false;
        return outcome{};
    }

    send_queue take_unsent() noexcept override { return std::exchange(sending_, {}); }

    void close(bool reset) noexcept override {
        // As with TCP, closing an end with unread or unsent bytes resets the other end, which then loses the bytes that
        // it has not read.
        if (reset || !in_->content.empty() || !sending_.empty()) {
            in_->was_reset = out_->was_reset = true;
            out_->content.clear();
        }
        in_->is_closed = true;
        out_->has_ended = true;
        if (other_ != nullptr) other_->other_ = nullptr;
        wake(other_);
        delete this;
    }

    address local_address() const override { return {}; }
    address peer_address() const override { return {}; }
    result<kernel_view> ask_kernel() const override { return internal::no_kernel(); }

private:
    ~pair_end() override = default;

    std::optional<arrival> take() {
        if (in_->content.empty()) {
            if (in_->was_reset) return arrival{{errc::reset}, {}};
            return in_->has_ended ? std::optional(arrival{}) : std::nullopt;
        }
        arrival came{{}, here_.memory().lend_a_copy(in_->content.view())};
        in_->content.clear();
        wake(other_);
        return came;
    }

    std::optional<outcome> sending_failure() const {
        if (out_->was_reset) return outcome{errc::reset};
        if (out_->is_closed) return outcome{errc::broken_pipe};
        return {};
    }

    // Moves as many bytes as the other end has room for.
    void push() {
        const std::size_t size = std::min(sending_.size(), most_ - std::min(most_, out_->content.size()));
        if (size == 0) return;
        out_->content.append(sending_.view().first(size));
        sending_.consume(size);
        wake(other_);
    }

    void wake(pair_end* one) noexcept {
        if (one != nullptr && !one->is_listed()) here_.make_ready(*one);
    }

    void run() override {
        if (is_sending_) {
            const auto failed = sending_failure();
            if (!failed) push();
            if (failed || sending_.empty()) {
                is_sending_ = false;
                here_.spares().keep(sending_);
                current_user().on_sent(failed.value_or(outcome{}));
            }
        }
        if (!is_receiving_) return;
        if (auto came = take()) {
            is_receiving_ = false;
            current_user().on_received(std::move(*came));
        }
    }

    loop& here_;
    std::size_t most_;
    std::shared_ptr<pipe> in_;
    std::shared_ptr<pipe> out_;
    pair_end* other_ = nullptr;
    buffer sending_;
    bool is_receiving_ = false;
    bool is_sending_ = false;
};

}  // namespace

std::pair<owned_stream, owned_stream> stream_pair(std::size_t most_bytes) {
    WEIR_CHECK(most_bytes != 0, "a pair of streams with a capacity of 0");
    loop& here = loop::current();
    auto there = std::make_shared<pipe>();
    auto back = std::make_shared<pipe>();
    auto* const one = new pair_end(here, most_bytes, back, there);
    auto* const other = new pair_end(here, most_bytes, there, back);
    one->meet(*other);
    other->meet(*one);
    return {owned_stream(one), owned_stream(other)};
}

}  // namespace weir
