// The payload that all copies of a shared_payload share, and its encoded form for each framing. Private.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/result.h"
#include "weir/framing/encoder.h"
#include "weir/framing/framing.h"
#include "weir/loop/send_queue.h"

namespace weir::internal {

// Thread safety: any thread.
class shared_content {
public:
    explicit shared_content(buffer&& payload) noexcept : payload_(std::move(payload)) {}
    shared_content(const shared_content&) = delete;
    shared_content& operator=(const shared_content&) = delete;
    ~shared_content();

    bytes_view payload() const noexcept { return payload_.view(); }
    // Appends the frame of the payload of `self`; the payload is not copied. The errors are those of encoder::encode();
    // after an error nothing was appended. If it throws std::bad_alloc, a part of the frame may have been appended.
    static result<void> append(const std::shared_ptr<shared_content>& self, const encoder& encode, send_queue& out);

private:
    // The frame is `front`, the payload and `back`; or it is `front` alone, if the framing changes the payload.
    struct form {
        enum class kind : std::uint8_t { around, whole, refused };

        explicit form(const encoder& encode, bytes_view payload);

        const framing described;
        kind is = kind::around;
        buffer front;
        buffer back;
        error why{errc::none};  // when it is refused
        form* next = nullptr;
    };

    const form* find(const framing& described, std::size_t& count) const noexcept;
    const form* form_for(const encoder& encode);

    const buffer payload_;
    std::atomic<form*> forms_{nullptr};  // an owned list that only grows
};

}  // namespace weir::internal
