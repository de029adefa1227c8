// Walks through a stream frame by frame and keeps the bytes of each, for drawing. The decoder finds the end of a frame.
// After a broken frame it searches for the place where the stream decodes again, and continues there. Nothing here does
// I/O. The object holds at most one frame, one input, and the bytes at which the search looks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <weir/framing/decoder.h>

namespace weir_tool {

// Thread safety: one thread at a time.
class frame_walk {
public:
    enum kind : std::uint8_t {
        frame,      // content: the whole frame; payload: its message
        piece,      // payload: a part of a message over the limit (oversize=stream); last: it is the last part
        skipped,    // a message of `size` bytes over the limit was dropped (oversize=skip)
        broken,     // why, wrong_at; content: the bytes from the beginning of the frame, as far as they arrived
        truncated,  // the same, at the end of the stream
        resumed,    // offset: the place where the stream seems to decode again; frames follow
        lost,       // the search found no such place in `size` bytes; nothing follows
        more,       // call feed() or finish()
        end,
    };

    struct step {
        kind what = more;
        std::uint64_t offset = 0;  // of the frame, in the stream
        weir::bytes_view content{};
        weir::bytes_view payload{};
        std::uint64_t size = 0;
        bool last = false;
        std::uint64_t wrong_at = 0;
        std::string why{};
    };

    explicit frame_walk(weir::framing described);

    // Takes the next bytes and copies them. Call it only after next() returned `more`.
    void feed(weir::bytes_view input);
    void finish() noexcept { finished_ = true; }
    // The views are valid until the next call.
    step next();

    // How many bytes the search for the next frame looks at.
    static constexpr std::size_t look_ahead_bytes = 64 * 1024;

private:
    void pass_dropped_frames(std::uint64_t limit);
    step give(const weir::decoder::event& happened);
    step fail();
    step search();
    void restart(std::uint64_t offset);
    weir::bytes_view held_from(std::uint64_t offset) const;
    void drop_before(std::uint64_t offset);
    void drop_what_passes();

    weir::framing described_;
    weir::decoder decoder_;
    weir::buffer window_;  // the bytes from window_begin_ on
    std::uint64_t window_begin_ = 0;
    std::uint64_t decoder_begin_ = 0;  // the place where the decoder was started
    std::uint64_t frame_begin_ = 0;
    std::uint64_t decoder_fed_ = 0;  // the place up to which the decoder has input
    bool finished_ = false;
    bool told_ = false;  // decoder_.finish() was called
    bool searching_ = false;
    bool over_ = false;
    std::uint64_t most_held_;
};

// Returns the first offset above 0 at which decoding can resume. At least two messages must decode from there or, if
// the stream has `ended`, exactly one that reaches its end. Looks at a bounded number of bytes.
std::optional<std::size_t> find_resync(const weir::framing& described, weir::bytes_view stream, bool ended);

}  // namespace weir_tool
