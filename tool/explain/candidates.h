// Proposes the framings with which decoding a sample of bytes is worth a try. ranking.h decides which of them fit.
// Pure.
#pragma once

#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/description.h>

namespace weir_tool {

// A framing, and the number of bits that name it among all framings. A usual one needs few.
struct candidate {
    weir::description fields;
    double bits = 0;
};

// Whether the byte is more likely part of a payload than of a frame: a letter, a digit, a bracket, UTF-8.
bool belongs_to_payload(std::byte b);

// Marks of standards, of which no single byte means anything: HTTP, paragraphs, HL7, SMTP.
bool is_usual_mark(weir::bytes_view mark);
// STX, VT (HL7), $ (NMEA 0183) and : (Modbus ASCII). Any other byte may be a type field at the beginning of the
// messages.
bool is_usual_start(std::byte b);

// Without checksums.
std::vector<candidate> candidates_for(weir::bytes_view sample);
// Returns the same framing with each checksum, over the payload or the frame, in either byte order.
std::vector<candidate> with_checksums(const candidate& bare);
// Returns it with a magic or a start mark: `common`, the bytes with which all its frames begin.
std::vector<candidate> with_openings(const candidate& bare, weir::bytes_view common);

}  // namespace weir_tool
