// Keeps the offsets in the sent bytes at which messages end, to count the messages that the peer has not taken.
#pragma once

#include <cstdint>
#include <vector>

namespace weir_tool {

// Keeps at most 4,096 marks. To add one more, it first drops every second mark; behind() may then count a few messages
// too many. Thread safety: one thread at a time.
class sent_marks {
public:
    // Adds a message that ends at this offset.
    void add(std::uint64_t end);
    // True when the marks are at their limit: call taken() before the next add().
    bool is_full() const noexcept { return marks_.size() >= most; }
    // Call it when the peer has taken all bytes before this offset.
    void taken(std::uint64_t place);
    // Returns how many messages end after this offset.
    std::uint64_t behind(std::uint64_t place) const noexcept;

private:
    static constexpr std::size_t most = 4096;

    struct mark {
        std::uint64_t end;
        std::uint64_t number;  // of the message that ends there, from 1
    };

    std::vector<mark> marks_;
    std::uint64_t number_ = 0;
    std::uint64_t taken_ = 0;  // the peer has taken at least this many messages
};

}  // namespace weir_tool
