// A connected stream socket from text, in one call.
#pragma once

#include <span>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// open + connect to the addresses of resolve(text), raced as RFC 8305 says: the families take turns, each attempt has
// 250 ms (or until it fails) before the next begins beside it, the first that stands wins and the others are closed.
// One deadline over all, the looking up included. When several failed the error tells of each, with the code of the
// last. Errors: those of resolve() and connect; operation "connect", subject the address or the text.
// Thread safety: any thread.
result<socket> connect_to(std::string_view text, deadline until = {});
// The same to addresses that are known. None at all is errc::invalid.
result<socket> connect_to(std::span<const address> peers, deadline until = {});

}  // namespace weir
