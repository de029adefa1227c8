// A payload that is sent on many channels: to all members of a room, to all subscribers of a feed.
//
//     const weir::shared_payload news(text);
//     for (weir::channel_writer* one : subscribers)
//         co_await one->send(news);
#pragma once

#include <cstddef>
#include <memory>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {

namespace internal {
class shared_content;
}

// From least_shared_bytes on a channel queues a reference to the payload instead of a copy, and the payload is checked
// and encoded once for each framing; a framing that changes the payload, as one with escapes does, has one encoded copy
// for all channels. It is copied for each channel when it is smaller, when the framing is a custom one, and when the
// stream is not the kernel's: TLS writes bytes of its own, a pair in memory and a simulated network copy. In the queue
// of a channel, its high water and its memory budget the payload counts in full, because any channel may be the last
// that refers to it.
//
// Cheap to copy: the copies share the payload, which is freed with the last copy and the last queue that refers to it.
// A moved-from payload may only be assigned or destroyed; any other use is a WEIR_CHECK. Thread safety: any thread;
// channels of several loops may send one payload at once.
class shared_payload {
public:
    // Measured: where a reference costs what a copy does (bench/README.md, "Fan-out").
    static constexpr std::size_t least_shared_bytes = 8192;
    // The most framings for which one payload keeps what was encoded. For others each channel encodes it again.
    static constexpr std::size_t most_framings = 16;

    // Copies the payload. Throws std::bad_alloc.
    explicit shared_payload(bytes_view payload);
    // Takes over its memory.
    explicit shared_payload(buffer&& payload);

    // The payload, valid as long as any copy of this object.
    bytes_view view() const;
    std::size_t size() const { return view().size(); }

    // For the library.
    const std::shared_ptr<internal::shared_content>& content() const {
        WEIR_CHECK(content_ != nullptr, "a shared payload was used that was moved away");
        return content_;
    }

private:
    std::shared_ptr<internal::shared_content> content_;
};

}  // namespace weir
