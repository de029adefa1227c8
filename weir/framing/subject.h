// What the laws (laws.h) are asked of: a decoder with its encoder, behind one interface. weir's own, and a user's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"

namespace [[gnu::visibility("default")]] weir {
namespace laws {

// A byte may be looked at so many times: in the input, in the tail, and once more where a search took too much.
inline constexpr std::uint64_t most_looks = 3;

// What besides the bytes decides where a message ends: nothing; a gap in time (idle); how the bytes were cut (chunks).
enum class sensitivity : std::uint8_t { nothing, gaps, cuts };

// A decoder and its encoder under test, at some point of a stream. The calls are those of `decoder` and `encoder`.
class subject {
public:
    virtual ~subject() = default;

    virtual std::unique_ptr<subject> fresh() const = 0;  // at the start of a stream
    virtual std::unique_ptr<subject> copy() const = 0;   // asked only when next() has said more, end or failed
    virtual bool same_state(const subject& other) const = 0;

    virtual void feed(bytes_view input) = 0;
    virtual void finish() = 0;
    virtual void gap() {}  // nothing came for a while; asked only when next() has said more
    virtual decoder::event next() = 0;
    virtual errc failure() const = 0;
    virtual std::uint64_t failed_at() const = 0;
    virtual std::size_t held() const = 0;
    virtual std::uint64_t looked() const = 0;

    virtual result<void> encode(bytes_view payload, buffer& out) const = 0;
    virtual std::uint64_t limit() const = 0;   // bytes of a message
    virtual std::size_t overhead() const = 0;  // bytes that may be held beside a message: header, checksum, marks
    // No byte may be looked at more often, in the long run: looked() is at most that many times the bytes fed, and the
    // overhead.
    virtual std::uint64_t most_looks() const { return laws::most_looks; }
    // Framings that depend on more than the bytes are exempt from the laws about cuts, and say so here.
    virtual sensitivity depends_on() const { return sensitivity::nothing; }
    // True when a frame has no bytes that the decoder ignores (the encoder would write others).
    virtual bool reads_all() const { return true; }
    // True when besides a message has only one frame: the encoder then writes for the messages of a stream that ends
    // well the very same stream.
    virtual bool writes_one_way() const { return false; }
    // So many bytes at the end of a frame are its checksum.
    virtual std::size_t checksum_bytes() const { return 0; }
    // The same framing with a larger limit, which writes the messages that this one skips or streams; null when nothing
    // is too large for it, or it fails then.
    virtual std::unique_ptr<subject> generous() const { return nullptr; }
    virtual std::string name() const = 0;
};

// weir's own decoder and encoder.
std::unique_ptr<subject> subject_of(const framing& described);

}  // namespace laws
}  // namespace weir
