// Finds the framings that fit a sample of bytes, best first, with reasons. A framing fits if it decodes the sample
// without an error. A better one explains more of the bytes (code_length). Framings that divide the sample in the same
// way cannot be distinguished, and share a rank. Nothing here does I/O.
#pragma once

#include <string>
#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/framing.h>

namespace weir_tool {

struct rank {
    std::vector<weir::framing> framings;  // all that divide the sample alike; the likeliest first
    std::string why;                      // the reason, one line
    double bits = 0;                      // of the sample and the framing; fewer are better
    double saved_bits = 0;                // compared with bytes without a framing
    bool explains_well = false;           // it saves too much for a coincidence, or is lines of text
};

// Only this much of a stream is used.
inline constexpr std::size_t most_sample_bytes = 16 * 1024;

// `ended` means that the sample is the whole stream, so that an end at a boundary counts. Returns an empty list when no
// framing fits. The running time is proportional to the size of the sample: each byte is read some hundred times.
std::vector<rank> rank_framings(weir::bytes_view sample, bool ended);

}  // namespace weir_tool
