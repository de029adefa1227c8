#include "weir/service/server_log.h"

#include <system_error>
#include <thread>
#include <utility>

#include "weir/base/text.h"

namespace weir {
namespace {

// The maximum size of the text in a line, such as the text of an error or of an exception.
constexpr std::size_t most_text_bytes = 1000;

line_kind kind_of(server_event::kind what) {
    switch (what) {
        case server_event::kind::backend: return {"backend", server_log::most_of_a_kind};
        case server_event::kind::listening: return {"listening", server_log::most_of_a_kind};
        case server_event::kind::connected: return {"connected", server_log::most_of_a_kind};
        case server_event::kind::ended: return {"ended", server_log::most_of_a_kind};
        case server_event::kind::refused: return {"refused", 1};
        case server_event::kind::paused: return {"paused", 1};
        case server_event::kind::thrown: return {"thrown", server_log::most_of_a_kind};
        case server_event::kind::draining: return {"draining", server_log::most_of_a_kind};
        case server_event::kind::aborted: return {"aborted", server_log::most_of_a_kind};
        case server_event::kind::handshake_failed: return {"handshake failed", server_log::most_of_a_kind};
    }
    return {"event", server_log::most_of_a_kind};
}

std::string number_of(std::uint64_t lines) { return std::to_string(lines) + (lines == 1 ? " line" : " lines"); }

std::string line(std::string_view name, std::string_view sentence) {
    return std::string(name) + ": " + std::string(sentence) + '\n';
}

// error::message() would name the peer a second time, so this function leaves the subject out.
std::string what_of(const server_event& event) {
    const error* const why = event.why;
    const bool is_end = event.what == server_event::kind::ended || event.what == server_event::kind::handshake_failed;
    if (!is_end || why == nullptr || why->code() == errc::none) return std::string(event.text);
    const std::string_view cause = why->detail().empty() ? to_string(why->code()) : why->detail();
    if (event.what == server_event::kind::ended || why->operation().empty()) return std::string(cause);
    return std::string(why->operation()) + ": " + std::string(cause);
}

// The functions have their own copies of the name, because a stuck writer outlives its log.
line_writer::manner manner_of(const std::string& name) {
    return {"log", server_log::longest_wait,
            [name](std::uint64_t dropped) {
                return line(name, number_of(dropped) + " dropped here: the log was not read");
            },
            [name](const line_quota::count& left_out) {
                return line(name, "left out " + number_of(left_out.lines) + " (" + std::string(left_out.kind.name) +
                                      "): the limit is " + std::to_string(left_out.kind.most_a_second) + " per second");
            },
            [](const error&) {}};  // there is no other place for a message
}

}  // namespace

server_log::server_log(int fd, std::string name)
    : name_(std::move(name)), lines_(std::make_unique<line_writer>(fd, manner_of(name_))) {}

// A stuck reader blocks the thread of the writer. In that case a separate thread waits until the writer's thread has
// ended, and then deletes the writer.
server_log::~server_log() {
    if (lines_->finish()) return;
    line_writer* const stuck = lines_.release();
    try {
        std::thread([stuck] { delete stuck; }).detach();
    } catch (const std::system_error&) {
        return;  // the writer remains until the process ends
    }
}

void server_log::write(const server_event& event) {
    if (!lines_->takes(kind_of(event.what))) return;
    std::string text;
    if (event.peer != nullptr && event.peer->family() != address_family::none) text = event.peer->to_string() + ": ";
    text += show(what_of(event), most_text_bytes);
    lines_->put(line(name_, text));
}

void server_log::say(std::string_view sentence) { lines_->put(line(name_, show(sentence, most_text_bytes))); }

}  // namespace weir
