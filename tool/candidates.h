// Which framings a sample of bytes may have: those that are worth decoding it with. It proposes; what fits is ranking's
// to say. Pure.
#pragma once

#include <vector>

#include <weir/base/bytes.h>
#include <weir/framing/description.h>

namespace weir_tool {

// A framing, and how many bits it takes to name it among all: what is usual takes few.
struct candidate {
    weir::description fields;
    double bits = 0;
};

// Bytes of what messages say rather than of how they are framed: letters, digits, brackets, UTF-8.
bool belongs_to_payload(std::byte b);

// Marks that standards have, of which no byte says anything alone: HTTP, paragraphs, HL7, SMTP.
bool is_usual_mark(weir::bytes_view mark);
// STX, VT (HL7), $ (NMEA 0183) and : (Modbus ASCII). Anything else may as well be a type with which the messages begin.
bool is_usual_start(std::byte b);

// Without checksums.
std::vector<candidate> candidates_for(weir::bytes_view sample);
// The same framing with each checksum, over the payload or the frame, in either byte order.
std::vector<candidate> with_checksums(const candidate& bare);
// With a magic or a start mark: the bytes with which all its frames begin.
std::vector<candidate> with_openings(const candidate& bare, weir::bytes_view common);

}  // namespace weir_tool
