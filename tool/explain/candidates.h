// Proposes the framings to try on a sample of bytes. ranking.h decides which of them fit. Pure.
#pragma once

#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/description.h>

namespace weir_tool {

// A framing, and the number of bits that describe it among all framings. A usual framing needs few bits.
struct candidate {
    weir::description fields;
    double bits = 0;
};

// Whether the byte is more likely part of a payload than of a frame: a letter, a digit, a bracket, UTF-8.
bool belongs_to_payload(std::byte b);

// Whether it is an end mark of a standard, of several bytes: of HTTP, paragraphs, HL7 or SMTP.
bool is_usual_mark(weir::bytes_view mark);
// Whether it is a start mark of a standard: STX, VT (HL7), $ (NMEA 0183) or : (Modbus ASCII). Any other first byte may
// be a type field of the messages.
bool is_usual_start(std::byte b);

// Returns the framings without checksums, magics and start marks; only those with byte stuffing have start marks.
std::vector<candidate> candidates_for(weir::bytes_view sample);
// Returns the same framing with each checksum, over the payload or the frame, in either byte order.
std::vector<candidate> with_checksums(const candidate& bare);
// Returns the same framing with a magic or a start mark. `common`: the bytes with which all its frames begin.
std::vector<candidate> with_openings(const candidate& bare, weir::bytes_view common);

}  // namespace weir_tool
