// The interface that the laws (laws.h) test: a decoder with its encoder. weir's own decoder implements it; you can
// implement it for a decoder of your own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"

namespace [[gnu::visibility("default")]] weir {
namespace laws {

// How often a byte may be examined: once in the input, once in the copy of a partial message, and once more when a
// search copied bytes after the end of the message.
inline constexpr std::uint64_t most_looks = 3;

// What decides, besides the bytes, where a message ends: nothing; a gap in time (idle); how the bytes were cut
// (chunks).
enum class sensitivity : std::uint8_t { nothing, gaps, cuts };

// A decoder and its encoder under test, at some point in a stream. The functions correspond to those of `decoder` and
// `encoder`.
class subject {
public:
    virtual ~subject() = default;

    virtual std::unique_ptr<subject> fresh() const = 0;       // a new one, at the start of a stream
    virtual std::unique_ptr<subject> copy() const = 0;        // called only after next() returned more, end or failed
    virtual bool same_state(const subject& other) const = 0;  // whether both behave equally from here on

    // As decoder::feed() and decoder::finish().
    virtual void feed(bytes_view input) = 0;
    virtual void finish() = 0;
    virtual void gap() {}  // reports that no byte arrived for a while; called only after next() returned more
    // As decoder::next().
    virtual decoder::event next() = 0;
    // After next() returned failed: the code of the error, and its offset in the stream in bytes.
    virtual errc failure() const = 0;
    virtual std::uint64_t failed_at() const = 0;
    virtual std::size_t held() const = 0;      // bytes of its own memory that it uses now
    virtual std::uint64_t looked() const = 0;  // bytes that it has examined since the beginning

    // As encoder::encode(): appends one message to `out`.
    virtual result<void> encode(bytes_view payload, buffer& out) const = 0;
    virtual std::uint64_t limit() const = 0;   // bytes of the largest message
    virtual std::size_t overhead() const = 0;  // bytes that may be held besides a message: header, checksum, marks
    // How often a byte may be examined, on average: looked() is at most this number times the fed bytes, plus
    // overhead().
    virtual std::uint64_t most_looks() const { return laws::most_looks; }
    // What decides, besides the bytes, where a message ends. A framing that depends on more than the bytes is exempt
    // from some laws about cuts.
    virtual sensitivity depends_on() const { return sensitivity::nothing; }
    // True when the decoder ignores no byte of a frame. In place of an ignored byte, the encoder may write another one.
    virtual bool reads_all() const { return true; }
    // True when, in addition, each message has exactly one valid encoding. The encoder then reproduces every stream
    // that decodes without an error.
    virtual bool writes_one_way() const { return false; }
    // The number of bytes at the end of a frame that are its checksum.
    virtual std::size_t checksum_bytes() const { return 0; }
    // The same framing with a larger limit, which encodes the messages that this one skips or streams. Null when no
    // message is too large for this one, or when it fails on such a message.
    virtual std::unique_ptr<subject> generous() const { return nullptr; }
    virtual std::string name() const = 0;
};

// Returns weir's own decoder and encoder as a subject.
std::unique_ptr<subject> subject_of(const framing& described);

}  // namespace laws
}  // namespace weir
