// The options of a server, and the events that it reports.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "weir/base/address.h"
#include "weir/base/error.h"
#include "weir/service/limits.h"
#include "weir/socket/listen_on.h"
#include "weir/stream/wrapper.h"

namespace [[gnu::visibility("default")]] weir {

// An event of a server, for a log. The views and pointers are valid only during the call of the log.
struct server_event {
    // backend: the loop does not use the preferred backend; `text` is the reason.
    // handshake_failed: a wrapper failed, or was cancelled because the server stops; the handler was not called.
    enum class kind : std::uint8_t {
        backend,
        listening,
        connected,
        ended,
        refused,
        paused,
        thrown,
        draining,
        aborted,
        handshake_failed,
    };

    kind what;              // what happened
    std::string_view text;  // an explanation for people
    const address* peer;    // the socket's other end, or peer().address() once there is a channel; may be null
    const error* why;       // why it ended, paused, was refused, or its handshake failed; may be null
};

// The options of a server. Thread safety: a value.
class server_options {
public:
    server_options() = default;

    // The limits of the server; each has a default.
    weir::limits limits;
    // The backlog, and whether other sockets may share the address.
    listen_options listening;
    // Each connection passes through these wrappers, in their order, before its handler is called. A null wrapper fails
    // a WEIR_CHECK. The servers of several loops may share the wrappers.
    weir::wrappers wrappers;
    // Called for each event, on the loop's thread. An exception that it throws is ignored.
    std::function<void(const server_event&)> log;
};

}  // namespace weir
