// The advice in the text of a failed call's error: which privilege is missing, or which arguments do not match. These
// functions are called on failure only. Private.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/address.h"
#include "weir/socket/socket.h"

namespace weir::internal {

// Each function returns an empty text when it has no advice. `number` is the errno of the failed call.
// Thread safety: any thread.
std::string advice_on_open(int number, address_family family, socket_type type);
std::string advice_on_bind(int number, int fd, const address& here);
// For EADDRINUSE of bind(2) and listen(2): names the program that holds the address, or reports connections in
// TIME_WAIT, and gives a remedy. `reuses` is the value of option::reuse_address. The call may take some milliseconds.
std::string advice_on_taken(const address& here, socket_type type, bool reuses);
std::string advice_on_taken(int fd, const address& here);
std::string advice_on_connect(int number, int fd, const address& peer);
std::string advice_on_accept(int number);
std::string advice_on_send(int number, const address& peer);
std::string advice_on_group(int number, const address& group);
std::string advice_on_option(int number, std::string_view name);

}  // namespace weir::internal
