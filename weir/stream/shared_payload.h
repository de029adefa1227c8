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

// If the payload has least_shared_bytes or more, a channel queues a reference to it instead of a copy. The payload is
// then checked and encoded once for each framing. If the framing changes the payload, for example by escapes, all
// channels share one encoded copy. The payload is copied for each channel if it is smaller, if the framing is a custom
// one, or if the stream is not a socket of the kernel (TLS, a stream_pair(), a simulated network). In each channel the
// payload counts in full toward queued_bytes(), the high-water mark and the memory limit. The reason is that any
// channel may be the last one that refers to it.
//
// Cheap to copy: the copies share the payload, which is freed with the last copy and the last queue that refers to it.
// A moved-from payload may only be assigned or destroyed; any other use fails a WEIR_CHECK. Thread safety: any thread;
// channels of several loops may send one payload at once.
class shared_payload {
public:
    // The size in bytes at which a reference costs as much as a copy, as measured (bench/README.md, "Fan-out").
    static constexpr std::size_t least_shared_bytes = 8192;
    // The most framings for which one payload keeps its encoded form. For any further framing each channel encodes the
    // payload again.
    static constexpr std::size_t most_framings = 16;

    // Copies the payload. Throws std::bad_alloc.
    explicit shared_payload(bytes_view payload);
    // Takes over the memory of `payload`, without a copy.
    explicit shared_payload(buffer&& payload);

    // The payload, and its size in bytes. The view is valid as long as any copy of this object exists.
    bytes_view view() const;
    std::size_t size() const { return view().size(); }

    // For the library.
    const std::shared_ptr<internal::shared_content>& content() const {
        WEIR_CHECK(content_ != nullptr, "a moved-from shared payload was used");
        return content_;
    }

private:
    std::shared_ptr<internal::shared_content> content_;
};

}  // namespace weir
