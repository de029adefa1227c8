// Which framings fit a sample of bytes, best first, and why. What fits decodes the sample without an error; what fits
// better explains more of its bytes (code_length). Framings that cut the sample alike cannot be told apart by it, and
// share a rank. Pure.
#pragma once

#include <string>
#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/framing.h>

namespace weir_tool {

struct rank {
    std::vector<weir::framing> framings;  // all that cut the sample alike; the likeliest first
    std::string why;                      // one line
    double bits = 0;                      // of the sample and the framing; fewer are better
    double saved_bits = 0;                // against bytes without any framing
    bool explains_well = false;           // it saves enough to be no coincidence, or is the lines of a text
};

// More of a stream is not looked at.
inline constexpr std::size_t most_sample_bytes = 16 * 1024;

// `ended`: the sample is all there is, so that an end at a boundary says something. Empty when nothing fits. Takes time
// in proportion to the sample, some hundred looks at each byte.
std::vector<rank> rank_framings(weir::bytes_view sample, bool ended);

}  // namespace weir_tool
