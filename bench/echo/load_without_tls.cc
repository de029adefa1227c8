#include "bench/echo/load_tls.h"
#include "weir/base/check.h"

namespace bench {

std::unique_ptr<tls_clients> make_tls_clients(std::size_t) {
    WEIR_CHECK(false, "this load was built without TLS");
    return nullptr;
}

}  // namespace bench
