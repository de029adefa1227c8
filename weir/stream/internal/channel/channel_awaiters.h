// The awaiters that receive(), send() and flush() of a channel return, and the handle that shares a channel.
#pragma once

#include <memory>
#include <source_location>
#include <utility>

#include "weir/base/check.h"
#include "weir/coroutine/internal/only_awaited.h"
#include "weir/coroutine/internal/waiting_line.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Shares a channel_core. It can be moved but not copied. Using a moved-from handle fails a WEIR_CHECK.
class channel_handle {
public:
    explicit channel_handle(channel_core& core) noexcept : core_(&core) { core.add_handle(); }
    channel_handle(channel_handle&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    channel_handle& operator=(channel_handle&& other) noexcept {
        std::swap(core_, other.core_);
        return *this;
    }
    ~channel_handle() {
        if (core_ != nullptr) core_->release_handle();
    }

    channel_core& core() const { return used(core_, std::source_location::current()); }
    // Returns null when the handle was moved from.
    channel_core* get() const noexcept { return core_; }
    static channel_core& used(channel_core* core, std::source_location where) {
        if (core == nullptr) [[unlikely]]
            refuse_moved(where);
        return *core;
    }

private:
    [[noreturn, gnu::cold]] static void refuse_moved(std::source_location where);

    channel_core* core_;
};

// The place of a task that waits in send() or flush(). Its memory comes from the thread's free lists.
class place_in_line : waiting_line::place {
public:
    // `payload_bytes`: the size of the message; 0 for a flush.
    place_in_line(waiting_line& line, std::size_t payload_bytes) noexcept
        : waiting_line::place(line), payload_bytes_(payload_bytes) {}
    // The payload bytes of the first place in the line, which must not be empty.
    static std::size_t next_payload_bytes(const waiting_line& line) noexcept {
        return static_cast<const place_in_line*>(line.first())->payload_bytes_;
    }
    static void* operator new(std::size_t size) { return frame_pool::take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::give(memory, size); }

    template <on_a_loop Promise>
    bool wait(std::coroutine_handle<Promise> frame) {
        return line_up(frame);
    }
    // Returns false when the task was cancelled.
    bool use() noexcept { return use_turn(); }

private:
    const std::size_t payload_bytes_;
};

// A place that also holds the message to be sent.
class message_in_line final : public place_in_line {
public:
    message_in_line(waiting_line& line, const message& one) noexcept : place_in_line(line, one.size()), payload(one) {}

    const message payload;
};

// A place that also shares the payload to be sent.
class shared_in_line final : public place_in_line {
public:
    shared_in_line(waiting_line& line, const shared_payload& one) : place_in_line(line, one.size()), payload(one) {}

    const shared_payload payload;
};

// Allocates a place and parks the task in it. Without memory the channel ends with errc::no_memory, and the task is not
// parked.
template <class Place, class Promise, class... Extra>
bool wait_in_line(std::unique_ptr<Place>& turn, channel_core& core, waiting_line& (channel_core::*line)(),
                  std::coroutine_handle<Promise> frame, const Extra&... extra) {
    try {
        turn = std::make_unique<Place>((core.*line)(), extra...);
    } catch (const std::bad_alloc&) {
        core.end_without_memory();
        return false;
    }
    return turn->wait(frame);
}

class [[nodiscard("nothing is received without co_await: `auto message = co_await client.receive();`")]] receive_awaiter
    : public only_awaited {
public:
    receive_awaiter(channel_core* from, deadline until) noexcept : from_(from), until_(until) {}
    receive_awaiter(const receive_awaiter&) = delete;
    receive_awaiter& operator=(const receive_awaiter&) = delete;
    ~receive_awaiter() {
        if (is_parked_) from_->leave_waiting();
    }

    bool await_ready(std::source_location where = std::source_location::current()) {
        return channel_handle::used(from_, where).begin_receive(until_, where);
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        is_parked_ = from_->wait_for_message(frame);
        return is_parked_;
    }
    result<message> await_resume() {
        is_parked_ = false;
        return from_->take_message();
    }

private:
    channel_core* from_;
    deadline until_;
    bool is_parked_ = false;
};

class [[nodiscard("nothing is sent without co_await: `co_await client.send(...);`")]] send_awaiter
    : public only_awaited {
public:
    send_awaiter(channel_core* into, bytes_view payload) noexcept : into_(into), payload_(payload) {}
    send_awaiter(const send_awaiter&) = delete;
    send_awaiter& operator=(const send_awaiter&) = delete;

    bool await_ready(std::source_location where = std::source_location::current()) {
        channel_core& into = channel_handle::used(into_, where);
        return into.can_send_quickly(payload_.size()) || into.can_send(payload_.size());
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_in_line(turn_, *into_, &channel_core::senders, frame, payload_.size());
    }
    ignorable_result await_resume() {
        if (turn_ == nullptr && into_->send_quickly(payload_)) [[likely]]
            return {};
        return resume_slowly();
    }

private:
    ignorable_result resume_slowly();

    channel_core* into_;
    bytes_view payload_;
    std::unique_ptr<place_in_line> turn_;  // when it has to wait
};

// Sends a message, and takes over the memory of the payload.
class [[nodiscard("nothing is sent without co_await: `co_await client.send(...);`")]] send_buffer_awaiter
    : public only_awaited {
public:
    send_buffer_awaiter(channel_core* into, buffer& payload) noexcept : into_(into), payload_(payload) {}
    send_buffer_awaiter(const send_buffer_awaiter&) = delete;
    send_buffer_awaiter& operator=(const send_buffer_awaiter&) = delete;

    bool await_ready(std::source_location where = std::source_location::current()) {
        return channel_handle::used(into_, where).can_send(payload_.size());
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_in_line(turn_, *into_, &channel_core::senders, frame, payload_.size());
    }
    ignorable_result await_resume();

private:
    channel_core* into_;
    buffer& payload_;
    std::unique_ptr<place_in_line> turn_;  // when it has to wait
};

// Sends a message that a channel has received. Checks after a wait that the message is still valid, because another
// task may have received the next one.
class [[nodiscard("nothing is sent without co_await: `co_await client.send(...);`")]] send_message_awaiter
    : public only_awaited {
public:
    // Refers to `one`; copies it if the task has to wait.
    send_message_awaiter(channel_core* into, const message& one) noexcept : into_(into), message_(one) {}
    send_message_awaiter(const send_message_awaiter&) = delete;
    send_message_awaiter& operator=(const send_message_awaiter&) = delete;

    bool await_ready(std::source_location where = std::source_location::current()) {
        channel_core& into = channel_handle::used(into_, where);
        const std::size_t size = message_.size(where);
        return into.can_send_quickly(size) || into.can_send(size);
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_in_line(turn_, *into_, &channel_core::senders, frame, message_);
    }
    ignorable_result await_resume(std::source_location where = std::source_location::current()) {
        if (turn_ == nullptr && into_->send_quickly(message_.view(where))) [[likely]]
            return {};
        return resume_slowly(where);
    }

private:
    ignorable_result resume_slowly(std::source_location where);

    channel_core* into_;
    const message& message_;
    std::unique_ptr<message_in_line> turn_;  // when it has to wait
};

// Sends a shared payload. Keeps a reference to `payload`, or a copy that shares it if the task has to wait.
class [[nodiscard("nothing is sent without co_await: `co_await client.send(...);`")]] send_shared_awaiter
    : public only_awaited {
public:
    send_shared_awaiter(channel_core* into, const shared_payload& payload) noexcept : into_(into), payload_(payload) {}
    send_shared_awaiter(const send_shared_awaiter&) = delete;
    send_shared_awaiter& operator=(const send_shared_awaiter&) = delete;

    bool await_ready(std::source_location where = std::source_location::current()) {
        return channel_handle::used(into_, where).can_send(payload_.size());
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_in_line(turn_, *into_, &channel_core::senders, frame, payload_);
    }
    ignorable_result await_resume();

private:
    channel_core* into_;
    const shared_payload& payload_;
    std::unique_ptr<shared_in_line> turn_;  // when it has to wait
};

class [[nodiscard("nothing waits without co_await: `co_await client.flush();`")]] flush_awaiter : public only_awaited {
public:
    explicit flush_awaiter(channel_core* of) noexcept : of_(of) {}
    flush_awaiter(const flush_awaiter&) = delete;
    flush_awaiter& operator=(const flush_awaiter&) = delete;

    bool await_ready(std::source_location where = std::source_location::current()) const {
        return channel_handle::used(of_, where).is_flushed();
    }
    template <on_a_loop Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_in_line(turn_, *of_, &channel_core::flushers, frame, std::size_t{0});
    }
    ignorable_result await_resume() {
        if (turn_ != nullptr && !turn_->use()) return error(errc::cancelled, "flush", of_->peer().to_string());
        return of_->flushed();
    }

private:
    channel_core* of_;
    std::unique_ptr<place_in_line> turn_;  // when it has to wait
};

}  // namespace internal
}  // namespace weir
