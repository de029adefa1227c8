// The implementation of tls_side.h where weir is built without TLS.
#include "tool/tls/tls_side.h"

namespace weir_tool {
namespace {

weir::error missing() { return weir::error(weir::errc::unsupported, "tls", {}, "weir was built without it"); }

}  // namespace

bool has_tls() noexcept { return false; }

weir::result<weir::wrappers> make_client_tls(const tls_choice&, const tls_warning&) { return missing(); }

weir::result<std::unique_ptr<server_tls>> server_tls::make(const tls_choice&, std::string_view, const tls_warning&) {
    return missing();
}

}  // namespace weir_tool
