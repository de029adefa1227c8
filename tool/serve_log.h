// What `weir serve` says: sentences on standard error, and with --json events on standard output. Nobody who says
// something here waits for whoever reads it, and a flood of connections makes no flood of lines: see line_writer.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/address.h>
#include <weir/base/error.h>
#include <weir/base/time.h>

#include "json.h"
#include "line_writer.h"

namespace weir_tool {

// What one thread says stays in that order. Thread safety: any thread.
class serve_log {
public:
    struct manner {
        bool quiet = false;
        bool verbose = false;
        bool json = false;
    };
    struct connection {
        std::uint64_t number;       // from 1
        const weir::address& peer;  // of no family when it is not known
    };
    struct totals {
        std::uint64_t connections = 0;
        std::uint64_t messages = 0;
        std::uint64_t failed = 0;   // connections that ended otherwise than closed
        std::uint64_t aborted = 0;  // of these, at the end of the drain
        std::uint64_t refused = 0;  // over the limit of their address; not among the connections
    };

    // How it came to its end.
    struct outcome {
        bool events_lost;  // those at the end could not be written: standard output is stuck, full or closed
        bool stuck;        // a thread still writes: the process must end without destroying this
    };

    explicit serve_log(manner how);

    // Before all that is said of connections: clients on a Unix socket have no name of their own, and are called after
    // it.
    void listening(const weir::address& here, const std::string& framing);
    void opened(const connection& which);
    // `cancelled` is the drain's doing; a code of closed is a clean end.
    void closed(const connection& which, const weir::error& why, std::uint64_t messages, std::uint64_t skipped);
    // A client that is not let in, and why.
    void refused(const weir::address& peer, std::string_view why);
    // Nobody is let in for now, and why.
    void paused(std::string_view why);
    // A handler that ended by an exception.
    void thrown(const weir::address& peer, std::string_view what);
    void warn_of(const std::string& sentence);
    void draining(std::size_t open, std::optional<weir::duration> at_most);
    // The last that is said. Waits for the readers of both as line_writer::finish() does: not for those who do not
    // read.
    outcome summary(const totals& all);

private:
    // Whether a sentence or an event of this kind may be written now.
    bool says(line_kind kind) { return !manner_.quiet && sentences_.takes(kind); }
    bool tells(std::string_view kind);
    std::string name_of(const weir::address& peer, std::uint64_t number) const;
    std::string sum_up(const totals& all, std::uint64_t dropped);
    void event(const json_object& what);
    void say(std::string_view sentence);
    void warn(std::string_view sentence);
    void events_failed(const weir::error& why);

    manner manner_;
    weir::address here_;
    std::atomic<bool> events_failed_{false};
    line_writer sentences_;              // its thread, and that of the events, use what stands above
    std::optional<line_writer> events_;  // behind the sentences, which tell its failure
};

}  // namespace weir_tool
