// The streams that the benchmarks split and make, and the two consumers of messages. The frames are made without weir's
// encoder, so that independent code verifies weir's encoder and decoder.
#pragma once

#include <cstring>
#include <functional>
#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/base/internal/random.h"

namespace bench {

using weir::bytes;
using weir::bytes_view;

// The consumer of every timed run, the same for both sides. It adds each message's size and first byte to a sum, which
// the compiler can keep in a register. Each message costs a load, a shift and two additions. The search for the next
// message does not depend on them.
struct tally {
    std::uint64_t sum = 0;

    void take(const std::byte* data, std::size_t size) {
        sum += (std::uint64_t{size} << 8) + std::to_integer<std::uint64_t>(*data);
    }
};

// Whole messages of at least one byte each, and their frames one after the other, as on the wire.
struct stream {
    bytes wire;
    std::vector<bytes> messages;
    tally sum;  // of all messages

    std::size_t longest() const {
        std::size_t most = 0;
        for (const bytes& message : messages) most = std::max(most, message.size());
        return most;
    }
};

// The consumer of the run before the timed ones: checks that each message equals the sent one, byte for byte.
class comparer {
public:
    explicit comparer(const stream& sent) : sent_(&sent) {}

    void take(const std::byte* data, std::size_t size) {
        const bytes& expected = sent_->messages[next_++ % sent_->messages.size()];
        WEIR_CHECK(bytes_view(data, size) == expected.view(), "a message came out different");
    }
    std::size_t count() const { return next_; }

private:
    const stream* sent_;
    std::size_t next_ = 0;
};

struct size_range {
    std::size_t least, most;
};

// Makes messages of random sizes until their frames would exceed `total` bytes. `put` appends the frame of a message to
// the wire. `first`, if not 0, is the size of the first message: it shifts all others.
inline stream make_stream(void (*put)(bytes_view message, bytes& wire), size_range sizes, std::size_t total,
                          std::size_t first = 0) {
    stream made;
    weir::internal::random_source random(sizes.most);
    for (;;) {
        const bool is_first = first != 0 && made.messages.empty();
        bytes message(is_first ? first : random.between(sizes.least, sizes.most));
        for (std::byte& byte : message) byte = static_cast<std::byte>(random.between(' ', '~'));
        bytes frame;
        put(message, frame);
        if (made.wire.size() + frame.size() > total) return made;
        made.wire.append(frame);
        made.sum.take(message.data(), message.size());
        made.messages.push_back(std::move(message));
    }
}

inline void put_line(bytes_view message, bytes& wire) {
    wire.append(message);
    wire.append(std::uint8_t{'\n'});
}

inline void put_len32(bytes_view message, bytes& wire) {
    for (int shift = 24; shift >= 0; shift -= 8) wire.append(static_cast<std::uint8_t>(message.size() >> shift));
    wire.append(message);
}

inline void put_len16le(bytes_view message, bytes& wire) {
    wire.append(static_cast<std::uint8_t>(message.size()));
    wire.append(static_cast<std::uint8_t>(message.size() >> 8));
    wire.append(message);
}

}  // namespace bench
