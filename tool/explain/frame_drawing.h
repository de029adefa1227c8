// Draws frames as text and as JSON, for `weir explain`. Nothing here does I/O; each function returns whole lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <weir/framing/framing.h>

#include "tool/explain/frame_walk.h"

namespace weir_tool {

// Draws the frames of one stream.
class frame_drawing {
public:
    struct manner {
        bool json = false;
        std::uint64_t most_bytes = 64;  // are drawn of one part of a frame; JSON has all
    };

    frame_drawing(weir::framing described, manner how) : described_(std::move(described)), manner_(how) {}

    // Returns the text for a step; empty for `more` and `end`.
    std::string draw(const frame_walk::step& step);
    // Returns the last line, with the totals.
    std::string sum_up(std::uint64_t bytes_read) const;

    // True when a frame was broken or partial.
    bool was_broken() const noexcept { return breaks_ != 0; }
    std::uint64_t frames() const noexcept { return frames_; }

private:
    std::string draw_text(const frame_walk::step& step);
    std::string draw_json(const frame_walk::step& step) const;
    std::string draw_whole(const frame_walk::step& step) const;
    std::string draw_broken(const frame_walk::step& step) const;

    weir::framing described_;
    manner manner_;
    std::uint64_t number_ = 0;  // of the frame
    std::uint64_t frames_ = 0;
    std::uint64_t breaks_ = 0;
    std::uint64_t passed_ = 0;  // bytes so far of a message in pieces
    bool in_pieces_ = false;
};

// Returns text for people: valid UTF-8 is unchanged, and anything else becomes a dot.
std::string legible(weir::bytes_view content);

}  // namespace weir_tool
