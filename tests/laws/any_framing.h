// Draws a framing, messages and a stream from choices, and checks all laws. Fuzz targets and tests share this code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/base/choices.h"
#include "weir/framing/laws/laws.h"

namespace any_framing {

// Returns the kind of framing that has this name. fuzz/run.sh and the corpora use the names.
std::optional<weir::framing_kind> kind_of(std::string_view word);
inline constexpr std::string_view kind_words[] = {"lines",  "delimited", "fixed",  "length", "varint",
                                                  "ber",    "decimal",   "hex",    "digits", "header",
                                                  "record", "netstring", "chunks", "idle"};

// Draws a description. Some descriptions contradict themselves.
weir::description describe(weir::choices& draw, weir::framing_kind kind);

// Draws a framing of this kind (of any kind if none is given), messages, and a stream of frames, changed frames or
// random bytes. Checks all laws. Returns the broken law as text, with the description.
weir::laws::broken_law trial(weir::choices& draw, std::optional<weir::framing_kind> kind);

// Shrinks a failing trial. Returns the law that the smallest failing trial breaks, and the choices that replay it.
std::string smallest(const weir::choices::numbers& failing, std::optional<weir::framing_kind> kind);

}  // namespace any_framing
