// The handshakes of a server's clients on a loop, in the order of their last progress. Private.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/intrusive_list.h"
#include "weir/loop/loop.h"
#include "weir/stream/handshake.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class handshake_line final : public loop_part {
public:
    explicit handshake_line(loop&) noexcept {}

    // While it exists, a handshake object that is made on `below` is one of a server's client.
    class announced {
    public:
        announced(handshake_line* in, const byte_stream* below) : in_(in), below_(below) {
            if (in_ != nullptr) in_->announced_.push_back(below);
        }
        announced(const announced&) = delete;
        announced& operator=(const announced&) = delete;
        ~announced() {
            if (in_ != nullptr) in_->take_announced(below_);
        }

    private:
        handshake_line* in_;
        const byte_stream* below_;
    };

    void enter_if_announced(handshake& one) noexcept {
        if (take_announced(&one.below())) line_.push(one);
    }
    void has_progressed(handshake& one) noexcept {
        line_.remove(one);
        line_.push(one);
    }
    // Ends the one that has made no progress for longest with errc::over_limit.
    void drop_first() noexcept {
        if (handshake* const first = line_.pop()) first->drop();
    }

private:
    bool take_announced(const byte_stream* below) noexcept { return std::erase(announced_, below) != 0; }

    std::vector<const byte_stream*> announced_;
    intrusive_list<handshake> line_;
};

}  // namespace weir::internal
