// The work of `weir explain` without reading or writing: it turns a dump into bytes, and bytes into text. The command
// and a fuzz target use it.
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

#include "tool/explain/dump_input.h"
#include "tool/explain/frame_drawing.h"
#include "tool/explain/frame_walk.h"
#include "tool/explain/ranking.h"

namespace weir_tool {

// The bytes of an input: unchanged, or the bytes that a dump shows. Thread safety: one thread at a time.
class shown_bytes {
public:
    // If no kind is given, recognises the kind of the input.
    explicit shown_bytes(std::optional<dump_kind> kind);

    // Appends the bytes that `came` shows to `out`. `ended` means that no input follows. Returns a sentence when the
    // input is not a valid dump; do not call the function again after that.
    std::string take(weir::bytes_view came, bool ended, weir::buffer& out);
    // The recognised kind; empty when the kind was given or is not certain yet.
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
    // Takes whole lines in order. `now` means that they must be shown before more work is done. Returning false ends
    // the explanation.
    using sink = std::function<bool(std::string_view text, bool now)>;

    explanation(const weir::framing& described, frame_drawing::manner how, sink to)
        : walk_(described), drawing_(described, how), to_(std::move(to)) {}

    // Takes the next bytes of the stream and copies them. Returns false when the sink returned false.
    bool feed(weir::bytes_view content);
    // Ends the stream. Returns false when the sink returned false.
    bool finish();
    // True when nothing more will be drawn.
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

// Returns the best of the framings that fit, as text or as one JSON object a line. Requires at least one.
std::string guess_text(const std::vector<rank>& ranks, bool json);

}  // namespace weir_tool
