// Connecting: from text to a channel.
//
//     auto connected = co_await weir::connect("example.org:9000", weir::framing::lines());
//     if (!connected) co_return connected.error();
//     weir::channel& server = *connected;
#pragma once

#include <string>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/framing/framing.h"
#include "weir/loop/task.h"
#include "weir/stream/channel.h"
#include "weir/stream/channel_limits.h"

namespace [[gnu::visibility("default")]] weir {

// Looks the name up (on a helper thread) and connects to the addresses as RFC 8305 says: the families take turns, each
// attempt has 250 ms, or until it fails, before the next begins beside it; the first that stands wins. One deadline
// over all. When several failed the error tells of each, with the code of the last. Errors: those of resolve() and of
// connect(2), timed_out, cancelled; system when no thread can be had for the look-up. A look-up that goes on after the
// deadline or a cancel is left behind: nothing waits for it. Thread safety: on a loop.
task<result<channel>> connect(std::string where, framing described, channel_limits limits = {}, deadline until = {});

// The same without a framing.
task<result<owned_stream>> connect_stream(std::string where, deadline until = {});

}  // namespace weir
