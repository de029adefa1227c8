// A connected stream socket from text, in one call.
#pragma once

#include <string_view>

#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/socket/socket.h"

namespace [[gnu::visibility("default")]] weir {

// open + connect, to each address of resolve(text) in turn until one answers. One deadline for all of them; it does not
// bound the looking up. When several failed the error tells of each, with the code of the last.
// Errors: those of resolve() and connect; operation "connect", subject the address or the text.
// Thread safety: any thread.
result<socket> connect_to(std::string_view text, deadline until = {});

}  // namespace weir
