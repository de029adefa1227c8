// The log of `weir serve`: sentences on standard error, and with --json events on standard output. No caller waits for
// the reader of the log, and a flood of connections does not cause a flood of lines: see weir/kernel/line_writer.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/address.h>
#include <weir/base/error.h>
#include <weir/base/time.h>

#include <weir/kernel/line_writer.h>
#include <weir/service/server_stats.h>
#include <weir/stream/peer_facts.h>
#include "tool/terminal/json.h"
#include "tool/tls/tls_side.h"

namespace weir_tool {

// The lines of one thread keep their order. Thread safety: any thread.
class serve_log {
public:
    struct manner {
        bool quiet = false;
        bool verbose = false;
        bool json = false;
        bool tls = false;
    };
    struct connection {
        std::uint64_t number;       // from 1
        const weir::address& peer;  // of no family when it is unknown
    };
    struct totals {
        std::uint64_t connections = 0;
        std::uint64_t messages = 0;
        std::uint64_t failed = 0;   // connections that ended for another reason than `closed`
        std::uint64_t aborted = 0;  // of these, at the end of the drain
        std::uint64_t refused =
            0;  // clients: over the limit of their address, or there was no memory; not among `connections`
        std::uint64_t handshakes_failed = 0;  // not among `connections`
    };

    // How the log ended.
    struct outcome {
        bool events_lost;  // the last events could not be written: standard output is stuck, full or closed
        bool stuck;        // a thread still writes: end the process without destroying this object
    };

    explicit serve_log(manner how);

    // Call it before any connection is logged. Clients on a Unix socket have no address; the log shows `here` in its
    // place.
    void listening(const weir::address& here, const std::string& framing);
    void opened(const connection& which, const weir::peer_facts& facts);
    // The code `cancelled` means that the drain ended the connection; `closed` means a clean end.
    void closed(const connection& which, const weir::error& why, std::uint64_t messages, std::uint64_t skipped);
    // The server refused a client.
    void refused(const weir::address& peer, std::string_view why);
    // A connection ended before its first message, because its TLS handshake failed.
    void handshake_failed(const weir::address& peer, const weir::error& why);
    // Call it before listening().
    void shows(const own_certificate& one);
    void reloaded(const own_certificate& one);
    void not_reloaded(const weir::error& why);
    // The server has paused accepting.
    void paused(std::string_view why);
    // A handler has thrown.
    void thrown(const weir::address& peer, std::string_view what);
    void warn_of(const std::string& sentence);
    // What the server has done up to now. The user has requested this line, so --quiet does not suppress it.
    void stats(const weir::server_stats& now);
    void draining(std::size_t open, std::optional<weir::duration> at_most);
    // Writes the last lines. Waits for the readers of both outputs as line_writer::finish() does, but not for a stuck
    // reader.
    outcome summary(const totals& all);

private:
    // Whether a sentence, or an event, of this kind may be written now.
    bool says(weir::line_kind kind) { return !manner_.quiet && sentences_.takes(kind); }
    bool tells(std::string_view kind);
    std::string name_of(const weir::address& peer) const;
    std::string name_of(const weir::address& peer, std::uint64_t number) const;
    std::string sum_up(const totals& all, std::uint64_t dropped);
    void event(const json_object& what);
    void say(std::string_view sentence);
    void warn(std::string_view sentence);
    void events_failed(const weir::error& why);

    manner manner_;
    weir::address here_;
    std::atomic<bool> events_failed_{false};
    weir::line_writer sentences_;              // its thread and the thread of events_ use the members above
    std::optional<weir::line_writer> events_;  // after sentences_, which reports its failure
};

}  // namespace weir_tool
