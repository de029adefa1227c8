// The client side and the server side of TLS in the command. The build chooses the implementation: tls_side_on.cc, or
// tls_side_off.cc where weir is built without TLS.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/result.h>
#include <weir/stream/wrapper.h>

#include "tool/tls/tls_choice.h"

namespace weir_tool {

// Whether weir was built with TLS. Without it each function below returns errc::unsupported.
bool has_tls() noexcept;

// Prints a warning. It may be called on any thread.
using tls_warning = std::function<void(std::string_view sentence)>;

// Returns the wrapper for the connection of `connect`. Errors: those of reading the files.
weir::result<weir::wrappers> make_client_tls(const tls_choice& how, const tls_warning& warn);

// The certificate that a server shows to its clients.
struct own_certificate {
    std::string subject;                // "CN=example.org"
    std::string pin;                    // the value that clients pass to --pin
    std::vector<std::string> made_for;  // the names of a certificate made in memory; empty for one from a file
};

// The side of `serve`. Thread safety: its loop's thread alone; the wrappers of through() are for all loops.
class server_tls {
public:
    // `address` is the address of the server. A certificate that is made in memory is valid for its host, too.
    // Errors: those of reading the files, and those of tls::server::make().
    static weir::result<std::unique_ptr<server_tls>> make(const tls_choice& how, std::string_view address,
                                                          const tls_warning& warn);
    virtual ~server_tls() = default;

    virtual weir::wrappers through() const = 0;
    virtual const own_certificate& certificate() const noexcept = 0;
    // Reads the files again, for later connections. After an error nothing has changed.
    virtual weir::result<void> reload() = 0;
};

}  // namespace weir_tool
