// What `weir explain` does with bytes, without reading or writing them: an input becomes the bytes that it shows, and
// bytes become text. Pure; the command and a fuzz target drive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/buffer.h>
#include <weir/framing/framing.h>

#include "dump_input.h"
#include "frame_drawing.h"
#include "frame_walk.h"
#include "ranking.h"

namespace weir_tool {

// The bytes of an input: as they are, or those that a dump of them shows. Thread safety: one thread at a time.
class shown_bytes {
public:
    // Without a kind it is recognised.
    explicit shown_bytes(std::optional<dump_kind> kind);

    // Appends what `came` shows to `out`; `ended`: nothing comes behind it. A sentence when the dump is none; then
    // nothing more is taken.
    std::string take(weir::bytes_view came, bool ended, weir::buffer& out);
    // What the input was recognised as; nothing when its kind was given, or is not clear yet.
    std::optional<dump_kind> recognised() const noexcept { return recognised_; }

private:
    void prepare();

    std::optional<dump_kind> kind_;
    std::optional<dump_kind> recognised_;
    std::unique_ptr<dump_reader> reader_;
    weir::buffer beginning_;
};

// The frames of a stream as text. Thread safety: one thread at a time.
class explanation {
public:
    // Takes whole lines in order. `now`: the reader is to see them before more work is done. False ends the
    // explanation.
    using sink = std::function<bool(std::string_view text, bool now)>;

    explanation(const weir::framing& described, frame_drawing::manner how, sink to)
        : walk_(described), drawing_(described, how), to_(std::move(to)) {}

    // The next bytes of the stream; they are copied. False when the sink took no more.
    bool feed(weir::bytes_view content);
    // The stream has ended. False when the sink took no more.
    bool finish();
    // After this nothing that comes is drawn.
    bool over() const noexcept { return over_; }
    bool was_broken() const noexcept { return drawing_.was_broken(); }

private:
    bool draw();

    frame_walk walk_;
    frame_drawing drawing_;
    sink to_;
    std::uint64_t bytes_ = 0;
    bool over_ = false;
};

// The best of the framings that fit, as text or one JSON object a line. At least one.
std::string guess_text(const std::vector<rank>& ranks, bool json);

}  // namespace weir_tool
