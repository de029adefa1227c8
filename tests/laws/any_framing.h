// Any framing, any messages, any stream, from choices; and all laws on them. Fuzz targets and tests share it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/base/choices.h"
#include "weir/framing/laws/laws.h"

namespace any_framing {

// The kinds by the word that fuzz/run.sh and its corpora use.
std::optional<weir::framing_kind> kind_of(std::string_view word);
inline constexpr std::string_view kind_words[] = {"lines",     "delimited", "fixed",  "length", "varint",
                                                  "netstring", "record",    "chunks", "idle"};

// A description with these choices made; some contradict themselves.
weir::description describe(weir::choices& draw, weir::framing_kind kind);

// Draws a framing of this kind (any when none), messages, a stream of frames, changed or not, or of anything, and asks
// all laws. What broke, in words; the description is in it.
weir::laws::broken_law trial(weir::choices& draw, std::optional<weir::framing_kind> kind);

// What broke in the smallest trial that still breaks, and the line of choices that replays it.
std::string smallest(const weir::choices::numbers& failing, std::optional<weir::framing_kind> kind);

}  // namespace any_framing
