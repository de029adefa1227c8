// Walks through a stream frame by frame and keeps the bytes of each, to be drawn. Where a frame ends is the decoder's
// word. Behind a broken frame it looks for the place where the stream decodes again, and goes on there. Pure; holds at
// most one frame, one input and what the search looks ahead.
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
        frame,      // content: the whole frame, payload: its message
        piece,      // payload: a part of a message over the limit (oversize=stream); last
        skipped,    // a message of `size` bytes over the limit was dropped (oversize=skip)
        broken,     // why and where; content: the bytes from the frame's beginning on, as far as they came
        truncated,  // the same, at the end of the stream
        resumed,    // `offset` is where it seems to decode again; frames follow
        lost,       // no such place was found in the `size` bytes behind the broken frame; nothing follows
        more,       // feed() or finish()
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

    // The next bytes; they are copied. Only when next() said more.
    void feed(weir::bytes_view input);
    void finish() noexcept { finished_ = true; }
    // The views are good until the next call.
    step next();

    // What may be held: a frame as large as the limit allows, as it lies on the wire, and what is fed at once.
    static constexpr std::size_t look_ahead_bytes = 64 * 1024;

private:
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
    std::uint64_t decoder_begin_ = 0;  // the decoder was started at this place
    std::uint64_t frame_begin_ = 0;
    std::uint64_t decoder_fed_ = 0;  // up to this place of the stream
    bool finished_ = false;
    bool told_ = false;  // the decoder knows that it is finished
    bool searching_ = false;
    bool over_ = false;
    std::uint64_t most_held_;
};

// The first place behind the first byte of `stream` from which it decodes: several messages, or whole ones up to its
// very end when it `ended`. Looks at a bounded number of bytes.
std::optional<std::size_t> find_resync(const weir::framing& described, weir::bytes_view stream, bool ended);

}  // namespace weir_tool
