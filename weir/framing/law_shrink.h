// Counterexamples made small: streams with their cuts, streams, and lists of messages, as rows of choices (choices.h).
// For the laws' own sources alone.
#pragma once

#include <functional>

#include "weir/framing/law_run.h"

namespace weir::laws::internal {

struct cut_stream {
    bytes stream;
    cuts where;
};

// As few bytes and cuts as still fail. What it is given must fail.
cut_stream shrunk(const cut_stream& failing, const std::function<bool(const cut_stream&)>& fails);

// What the law says of the smallest stream that breaks it; nothing when this one does not.
broken_law least(bytes_view stream, const std::function<broken_law(bytes_view)>& law);
// The same for messages.
broken_law least(std::span<const bytes> messages, const std::function<broken_law(std::span<const bytes>)>& law);

}  // namespace weir::laws::internal
