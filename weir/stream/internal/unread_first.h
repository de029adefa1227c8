// A stream whose reads first return bytes that a handshake has read and not used. Private.
#pragma once

#include "weir/stream/internal/stream_layer.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class unread_first final : public stream_layer {
public:
    unread_first(owned_stream below, buffer unread) noexcept
        : stream_layer(std::move(below)), unread_(std::move(unread)) {}

    std::optional<arrival> receive() override;
    result<socket> take_apart(buffer& unread) override;

private:
    ~unread_first() override = default;

    buffer unread_;
};

}  // namespace weir::internal
