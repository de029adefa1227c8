// The first parts of a send_queue in the form that sendmsg(2) takes. Private.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>

#include "weir/loop/send_queue.h"

namespace weir::internal {

// Refers to the memory of the queue, which must not change while this object exists. It can be neither copied nor
// moved, because header_ refers to parts_. Thread safety: one thread at a time.
class gathered_parts {
public:
    // The largest number of parts in one call. The kernel's limit is IOV_MAX, 1024 on Linux.
    static constexpr std::size_t most = 64;

    explicit gathered_parts(const send_queue& of) noexcept {
        std::array<bytes_view, most> views;
        header_.msg_iovlen = of.parts(views);
        header_.msg_iov = parts_.data();
        for (std::size_t i = 0; i < header_.msg_iovlen; ++i) {
            parts_[i] = {const_cast<std::byte*>(views[i].data()), views[i].size()};
            size_ += views[i].size();
        }
    }
    gathered_parts(const gathered_parts&) = delete;
    gathered_parts& operator=(const gathered_parts&) = delete;

    const msghdr& header() const noexcept { return header_; }
    // Returns the number of bytes in all parts.
    std::size_t size() const noexcept { return size_; }

private:
    std::array<iovec, most> parts_;
    msghdr header_{};
    std::size_t size_ = 0;
};

}  // namespace weir::internal
