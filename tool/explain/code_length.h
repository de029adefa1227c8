// Estimates the number of bits that a stream needs when its framing is known. What the framing determines (a mark, a
// checksum, a magic) costs nothing. Lengths and payloads are predicted from the bytes before them. A better description
// needs fewer bits; guesses are compared by this number. The class does no I/O.
//
// Four simple predictors estimate each byte; a predictor that was right more often has more weight. Three count how
// often a byte occurred at all, after the byte before it, and at this place of a message. The fourth gives all bytes
// the same probability, which is right for random bytes. A wrong framing puts lengths among payloads, and no predictor
// expects them there.
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
    // Begins a message: the next byte is at place 0.
    void begin_message() noexcept {
        place_ = 0;
        before_ = 0;
    }
    void add_payload(weir::bytes_view content);
    // Adds a byte of a header that the framing does not explain. It is predicted from the same place of earlier
    // headers.
    void add_header_byte(std::size_t place, std::byte content);
    // Adds a length that the framing announces.
    void add_length(std::uint64_t size);
    void add_bits(double bits) noexcept { bits_ += bits; }

    double bits() const noexcept { return bits_; }

private:
    static constexpr std::size_t places = 128;

    struct counts {
        std::array<std::uint16_t, 256> of{};
        std::uint32_t all = 0;
    };

    // A short sample has few of the many contexts, so each is allocated at its first use.
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
