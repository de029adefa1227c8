// A server log for people: it writes a line for each event to a descriptor such as standard error. No loop waits for
// the reader of the log, and the number of lines per second is limited.
//
//     weir::server_log log(STDERR_FILENO, "echo");
//     weir::serve_options how;
//     how.log = log.events();                       // echo: 192.0.2.7:4000: connected
//     return weir::serve("127.0.0.1:9000", weir::framing::lines(), how, echo);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "weir/kernel/line_writer.h"
#include "weir/service/server.h"

namespace [[gnu::visibility("default")]] weir {

// Writes a line for each event of a server. It must outlive the servers that use it. Thread safety: any thread.
class server_log {
public:
    // The maximum number of lines per second for one kind of event. The kinds that report a limit, `refused` and
    // `paused`, get only one line per second. Further events are counted, and a line with the count follows.
    static constexpr std::uint64_t most_of_a_kind = 100;
    // A line that the reader has not taken after this time is dropped. A line with the count replaces the dropped
    // lines.
    static constexpr duration longest_wait = std::chrono::seconds(1);

    // Writes to a duplicate of `fd`. Each line begins with `name`. Starts a thread; throws std::system_error when that
    // fails.
    explicit server_log(int fd, std::string name = "weir");
    server_log(const server_log&) = delete;
    server_log& operator=(const server_log&) = delete;
    // Writes the last lines. Waits for a slow reader as long as line_writer::finish() does. If the reader is stuck, two
    // threads remain until the reader reads or closes, or until the process ends.
    ~server_log();

    // Returns the function for server_options::log.
    std::function<void(const server_event&)> events() {
        return [this](const server_event& event) { write(event); };
    }
    // Writes the line for one event, as the function of events() does.
    void write(const server_event& event);
    // Writes a line with this sentence. Control characters are escaped.
    void say(std::string_view sentence);

    // dropped(): the number of lines that waited too long for the reader. left_out(): the number of lines that were not
    // written because there were too many of their kind in one second.
    std::uint64_t dropped() const { return lines_->dropped(); }
    std::uint64_t left_out() const { return lines_->left_out(); }

private:
    const std::string name_;
    std::unique_ptr<line_writer> lines_;
};

}  // namespace weir
