// That a user has asked for something and was not answered yet. Counted, so that a world in which nothing can happen
// any more says what hangs. Private.
#pragma once

#include <cstddef>

namespace weir {

class asked {
public:
    explicit asked(std::size_t& all) noexcept : all_(all) {}
    asked(const asked&) = delete;
    asked& operator=(const asked&) = delete;
    ~asked() { end(); }

    explicit operator bool() const noexcept { return is_; }
    void begin() noexcept {
        if (!is_) ++all_;
        is_ = true;
    }
    void end() noexcept {
        if (is_) --all_;
        is_ = false;
    }

private:
    std::size_t& all_;
    bool is_ = false;
};

// How many are open, and how many users wait for what.
struct sim_counts {
    std::size_t descriptors = 0;
    std::size_t receives = 0;
    std::size_t sends = 0;
    std::size_t accepts = 0;
    std::size_t attempts = 0;
    std::size_t datagrams = 0;
};

}  // namespace weir
