// Shrinks counterexamples: streams with cuts, streams alone, and lists of messages. Represents them as rows of choices
// (choices.h). Only for the sources of the laws.
#pragma once

#include <functional>

#include "weir/framing/laws/law_run.h"

namespace weir::laws::internal {

struct cut_stream {
    bytes stream;
    cuts where;
};

// Returns the smallest stream and cuts found that fail. Requires that `failing` fails.
cut_stream shrunk(const cut_stream& failing, const std::function<bool(const cut_stream&)>& fails);

// Returns the report of the law on the smallest stream found that breaks it, or nothing when `stream` does not break
// it.
broken_law least(bytes_view stream, const std::function<broken_law(bytes_view)>& law);
// The same for a list of messages.
broken_law least(std::span<const bytes> messages, const std::function<broken_law(std::span<const bytes>)>& law);

}  // namespace weir::laws::internal
