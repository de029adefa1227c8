// Proposes the framings to try on a sample of bytes. ranking.h decides which of them fit. Nothing here does I/O.
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

// Whether it is a usual end mark of several bytes: as in HTTP, in text in paragraphs, in HL7 or in SMTP.
bool is_usual_mark(weir::bytes_view mark);
// Whether the byte is a start mark of a standard: STX, VT (HL7), $ (NMEA 0183) or : (Modbus ASCII). Any other first
// byte may be a type field of the messages.
bool is_usual_start(std::byte b);

// Returns framings without checksums and magics. Only those with byte stuffing have start marks.
std::vector<candidate> candidates_for(weir::bytes_view sample);
// Returns the same framing with each checksum, over the payload or the frame, in either byte order.
std::vector<candidate> with_checksums(const candidate& bare);
// Returns the same framing with a magic or a start mark. `common` has the bytes with which all frames begin.
std::vector<candidate> with_openings(const candidate& bare, weir::bytes_view common);

}  // namespace weir_tool
