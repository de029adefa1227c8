// Translates failures of OpenSSL into error codes and sentences. Private.
#pragma once

#include <cstdint>
#include <string>

#include "weir/base/error.h"

namespace weir::internal {

// `code` is the result of ERR_get_error(3), or 0 if there is none. `is_server`: this side is the server.
errc meaning_of(unsigned long code) noexcept;
std::string failure_text(unsigned long code, bool is_server);

// Describes the first bytes of a peer that does not speak TLS: `an HTTP request`, `plain text ("HELO")`. Returns an
// empty text for bytes that it does not recognise. `first` may be only the beginning of what the peer sends.
std::string plain_text_in(std::string_view first);

}  // namespace weir::internal
