// The options of weir's servers in this folder: all connections come from this machine, and some stay idle.
#pragma once

#include <weir/service/serve.h>

#include <optional>

#include "bench/echo/arguments.h"

namespace bench {

inline weir::serve_options serve_all(const arguments& how) {
    weir::serve_options options;
    options.backend = how.backend == "epoll" ? weir::backend_kind::epoll : weir::backend_kind::io_uring;
    options.limits.connections.reset();
    options.limits.connections_of_a_source = std::nullopt;
    options.limits.connection.first_message.reset();
    options.limits.connection.idle.reset();
    return options;
}

}  // namespace bench
