// The handshakes of a server's clients, in the order of their last progress. Private.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/intrusive_list.h"
#include "weir/loop/loop.h"
#include "weir/stream/handshake.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class handshake_line {
public:
    void enter(handshake& one) noexcept { line_.push(one); }
    void has_progressed(handshake& one) noexcept {
        line_.remove(one);
        line_.push(one);
    }
    // Ends the handshake that has made no progress for the longest time, with errc::over_limit.
    void drop_first() noexcept {
        if (handshake* const first = line_.pop()) first->drop();
    }

private:
    intrusive_list<handshake> line_;
};

// Remembers which handshakes enter which line, because a wrapper makes its handshake object without a reference to a
// server. Thread safety: its loop's thread alone.
class handshake_announcements final : public loop_part {
public:
    explicit handshake_announcements(loop&) noexcept {}

    // While this object exists, a handshake object that is made on `below` enters `line`. Does nothing if `line` is
    // null.
    class announced {
    public:
        announced(handshake_line* line, const byte_stream* below);
        announced(const announced&) = delete;
        announced& operator=(const announced&) = delete;
        ~announced();

    private:
        handshake_announcements* in_ = nullptr;
        const byte_stream* below_;
    };

    // Returns the line for the stream and removes the announcement. Returns null when there is none.
    handshake_line* take(const byte_stream* below) noexcept {
        const auto found = std::ranges::find(all_, below, &announcement::first);
        if (found == all_.end()) return nullptr;
        handshake_line* const line = found->second;
        all_.erase(found);
        return line;
    }

private:
    using announcement = std::pair<const byte_stream*, handshake_line*>;

    std::vector<announcement> all_;
};

inline handshake_announcements::announced::announced(handshake_line* line, const byte_stream* below) : below_(below) {
    if (line == nullptr) return;
    in_ = &loop::current().part<handshake_announcements>();
    in_->all_.emplace_back(below, line);
}

inline handshake_announcements::announced::~announced() {
    if (in_ != nullptr) in_->take(below_);
}

}  // namespace weir::internal
