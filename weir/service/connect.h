// Connects to an address that is given as text, and returns a channel.
//
//     auto connected = co_await weir::connect("example.org:9000", weir::framing::lines());
//     if (!connected) co_return connected.error();
//     weir::channel& server = *connected;
#pragma once

#include <string>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/stream/channel.h"
#include "weir/stream/channel_limits.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {

// Resolves the name (on a helper thread) and connects to the addresses as in RFC 8305: the families alternate. If an
// attempt has not succeeded after 250 ms, or fails earlier, the next one starts beside it. The first established
// connection wins. The deadline limits the whole call. If several attempts fail, the error lists each one and has the
// code of the last. Errors: those of resolve() and of connect(2), timed_out, cancelled; system when no thread can be
// started for the look-up. After the deadline or a cancel, neither this call nor the end of the loop waits for a
// look-up that is still running. Thread safety: the thread of a running loop.
task<result<channel>> connect(std::string where, framing described, channel_limits limits = {}, deadline until = {});
// Does the same, and then passes the connection through the wrappers. Each handshake is limited by the handshake_time()
// of its wrapper, and all of them together by the deadline. If a handshake fails, the error names its wrapper; if the
// deadline passes, the error timed_out names only the peer. The host in `where` becomes the fact "host" of the peer,
// which a wrapper may verify.
task<result<channel>> connect(std::string where, wrappers through, framing described, channel_limits limits = {},
                              deadline until = {});

// Connects in the same way and returns the stream, without a framing.
task<result<owned_stream>> connect_stream(std::string where, deadline until = {});

}  // namespace weir
