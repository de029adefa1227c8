// Opens a stream socket and connects it to an address given as text, in one call.
#pragma once

#include <span>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// Opens a socket and connects it to an address of resolve(text). Several addresses are raced as in RFC 8305: the
// families alternate. If an attempt has not succeeded after 250 ms, or fails earlier, the next one starts beside it.
// The first established connection wins; the other attempts are closed. The deadline limits the whole call, including
// the name lookup. If several attempts fail, the error lists each one and has the code of the last.
// Errors: those of resolve(); those of connect(), with the operation "connect" and the address or the text as the
// subject. Thread safety: any thread.
result<socket> connect_to(std::string_view text, deadline until = {});
// Does the same for addresses that are already known. An empty list is errc::invalid.
result<socket> connect_to(std::span<const address> peers, deadline until = {});

}  // namespace weir
