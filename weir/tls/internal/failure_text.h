// What a failure of OpenSSL means. Private.
#pragma once

#include <cstdint>
#include <string>

#include "weir/base/error.h"

namespace weir::internal {

// `code` is one of ERR_get_error(3); 0 for none. `is_server`: which side this is.
errc meaning_of(unsigned long code) noexcept;
std::string failure_text(unsigned long code, bool is_server);

// What the first bytes of a peer are that speaks no TLS: `an HTTP request`, `plain text ("HELO")`; empty for other
// bytes. They may be incomplete.
std::string plain_text_in(std::string_view first);

}  // namespace weir::internal
