// What `weir serve` says: sentences on standard error, and with --json events on standard output.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include <weir/base/error.h>
#include <weir/base/time.h>

#include "json.h"
#include "standard_output.h"

namespace weir_tool {

// Thread safety: any thread.
class serve_log {
public:
    struct manner {
        bool quiet = false;
        bool verbose = false;
        bool json = false;
    };
    struct connection {
        std::uint64_t number;  // from 1
        std::string peer;
    };
    struct totals {
        std::uint64_t connections = 0;
        std::uint64_t messages = 0;
        std::uint64_t failed = 0;  // connections that ended otherwise than closed
        std::uint64_t cut = 0;     // those of them that the drain cut
    };

    explicit serve_log(manner how) : manner_(how) {}

    void listening(const std::string& address, const std::string& framing);
    void opened(const connection& which);
    // `cancelled` is the drain's doing; a code of closed is a clean end.
    void closed(const connection& which, const weir::error& ending, std::uint64_t messages, std::uint64_t skipped);
    void paused(const std::string& sentence);
    void draining(std::size_t open, weir::duration at_most);
    void summary(const totals& all);

private:
    void event(const json_object& what);

    manner manner_;
    std::mutex guard_;
    standard_output out_;
};

}  // namespace weir_tool
