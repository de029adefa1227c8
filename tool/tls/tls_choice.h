// The options of `serve` and `connect` that need --tls, checked as far as that is possible without OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <weir/base/result.h>

#include "tool/command/options.h"

namespace weir_tool {

// A member is empty when its option was not given. Thread safety: a value.
struct tls_choice {
    std::string certificate_file;  // --cert
    std::string key_file;          // --key, or else --cert
    std::string password_file;     // --key-password-file
    std::string authority_file;    // --ca, --client-ca
    std::vector<std::string> protocols;
    std::string server_name;  // --sni
    std::vector<std::string> pins;
    bool is_insecure = false;
};

// Returns nothing without --tls. The detail of an error is a sentence for the user; every error means that the command
// line is wrong.
weir::result<std::optional<tls_choice>> tls_value(const given& options);

}  // namespace weir_tool
