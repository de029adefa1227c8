// How many bits a stream takes when its framing is known: what the framing says beforehand (a mark, a checksum, a
// magic) is free, lengths and payloads are predicted from what came before. The better a description fits, the fewer
// bits: that is what guesses are compared by. Pure.
//
// Bytes are predicted by four simple observers, whose votes weigh as much as they were right: how often a byte came at
// all, behind this byte, and at this place of a message; and that nobody can tell, which is right of random bytes. A
// wrong framing puts lengths among payloads, which nobody predicts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <weir/base/bytes.h>

namespace weir_tool {

// Thread safety: one thread at a time.
class code_length {
public:
    // A message begins: the next byte is at place 0.
    void begin_message() noexcept {
        place_ = 0;
        before_ = 0;
    }
    void add_payload(weir::bytes_view content);
    // A byte of a header that the framing does not explain; each place is predicted from the same place of the headers
    // before.
    void add_header_byte(std::size_t place, std::byte content);
    // A length that the framing announces or finds.
    void add_length(std::uint64_t size);
    void add_bits(double bits) noexcept { bits_ += bits; }

    double bits() const noexcept { return bits_; }

private:
    static constexpr std::size_t places = 128;

    struct counts {
        std::array<std::uint16_t, 256> of{};
        std::uint32_t all = 0;
    };

    // Of many contexts a short sample meets few: each is made when it is met.
    using contexts = std::vector<std::unique_ptr<counts>>;
    static counts& met(contexts& all, std::size_t number) {
        auto& one = all[number];
        if (one == nullptr) one = std::make_unique<counts>();
        return *one;
    }

    contexts behind_ = contexts(256);
    contexts at_place_ = contexts(places);
    contexts headers_ = contexts(16);
    counts at_all_;
    std::array<double, 4> weights_{0.25, 0.25, 0.25, 0.25};
    std::array<std::uint32_t, 65> magnitudes_{};
    std::vector<std::uint64_t> lengths_;
    std::size_t place_ = 0;
    std::size_t before_ = 0;
    double bits_ = 0;
};

}  // namespace weir_tool
