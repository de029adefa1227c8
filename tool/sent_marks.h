// Where messages ended in the bytes that were sent: how many of them has the peer not taken?
#pragma once

#include <cstdint>
#include <vector>

namespace weir_tool {

// Keeps 4,096 marks at most: when they are too many although the peer has taken what it has, every second one is
// dropped, and behind() may count a few messages too many. Thread safety: one thread at a time.
class sent_marks {
public:
    // Another message has ended at this place.
    void add(std::uint64_t end);
    // True when taken() is due: there are many.
    bool is_full() const noexcept { return marks_.size() >= most; }
    // The peer has taken everything before this place.
    void taken(std::uint64_t place);
    // How many messages end behind it.
    std::uint64_t behind(std::uint64_t place) const noexcept;

private:
    static constexpr std::size_t most = 4096;

    struct mark {
        std::uint64_t end;
        std::uint64_t number;  // of the message that ends here, from 1
    };

    std::vector<mark> marks_;
    std::uint64_t number_ = 0;
    std::uint64_t taken_ = 0;  // so many messages were taken, at least
};

}  // namespace weir_tool
