// What a loop needs from its platform: time, connections, names, signals, threads for work that blocks. Its
// implementations use io_uring(7), epoll(7), or a simulated network in virtual time; the layers above cannot
// distinguish them. An operation completes at once, in its return value, or later, in a call to its user from within
// wait().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/address.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/loop/acceptor.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/datagram_port.h"
#include "weir/loop/loop_memory.h"
#include "weir/socket/listen_on.h"

namespace [[gnu::visibility("default")]] weir {

// The signals that a program can watch.
enum class signal : std::uint8_t { interrupt, terminate, hang_up, user_1, user_2 };

// The kind of a backend. `automatic` means io_uring(7) where the kernel has it (since Linux 6.1) and allows it,
// otherwise epoll(7).
enum class backend_kind : std::uint8_t { automatic, io_uring, epoll, simulated };
// Returns "automatic", "io_uring", "epoll" or "simulated".
std::string_view to_string(backend_kind which) noexcept;

// What happens to offloaded work that still runs when its loop is destroyed.
enum class at_loop_end : std::uint8_t {
    finish,       // the loop waits until the work ends
    leave_behind  // the work continues, perhaps until the process ends: it must own everything that it uses
};

// An attempt to connect. To cancel it, destroy it before it completes.
class connect_attempt {
public:
    // The receiver of the completion.
    class user {
    public:
        // Called when the attempt has completed, with a stream or with the reason why there is none. The user must not
        // destroy the attempt in this call.
        virtual void on_connected(outcome how, owned_stream made) noexcept = 0;

    protected:
        ~user() = default;
    };
    virtual ~connect_attempt() = default;
};

// A subscription to a signal. Destroying the object ends the subscription.
class signal_watch {
public:
    virtual ~signal_watch() = default;
};

// The platform of one loop. Thread safety: its loop's thread alone, except for wake().
class backend {
public:
    virtual ~backend() = default;

    // Returns the kind; `automatic` for a backend that the program implements itself.
    virtual backend_kind kind() const noexcept { return backend_kind::automatic; }
    // Returns the reason why this is not the preferred backend; empty when it is.
    std::string_view remark() const noexcept { return remark_; }
    // Sets the text that remark() returns.
    void set_remark(std::string why) { remark_ = std::move(why); }

    // Returns the memory of the loop that runs on this backend. The streams of the backend take blocks from it and
    // return spare buffers to it. A backend that forwards its calls to another one also has its own memory, but the
    // streams of the other backend do not use it.
    loop_memory& memory() noexcept { return memory_; }

    // Returns the time, on the monotonic clock or a simulated one.
    virtual time_point now() = 0;
    // Returns a number that cannot be predicted; in a simulation the number depends on the seed.
    virtual std::uint64_t random() = 0;

    // Returns when an operation has completed, when wake() was called since the last wait, or at `until`, whichever
    // comes first. The users of completed operations are called during the wait. Returns false when it did not deliver
    // everything: there were more completions than it delivers in one call, or a signal ended the wait.
    virtual bool wait(deadline until) = 0;
    // Ends the wait in progress, or the next one. Call it from any thread.
    virtual void wake() noexcept = 0;
    // Submits the operations that were started and are not submitted yet, including those that close a socket. wait()
    // does that, too. The loop calls this function at the end of run() and of run_once(), because its next wait() may
    // come much later.
    virtual void submit() {}
    // Runs `work` on a thread where it may block. `work` must not throw, and is destroyed on that thread. Work that has
    // not begun when the loop is destroyed is dropped. Errors: errc::system or no_memory, if there is no thread and
    // none can be started; then `work` is not run.
    virtual result<void> offload(std::function<void()> work, at_loop_end then = at_loop_end::finish) = 0;
    // Returns a descriptor that becomes readable when wait() has something to deliver, for use in another event loop;
    // -1 when there is none.
    virtual int poll_fd() const noexcept { return -1; }

    // Listens at `here`, as listen_on() does. Resolving a host name may block, so call this function when a server
    // starts.
    virtual result<owned_acceptor> listen(std::string_view here, listen_options how) = 0;
    // Makes an acceptor from a listening stream socket, which becomes non-blocking. Errors: errc::invalid, if the
    // socket does not listen or is of another type; errc::unsupported, if the backend has no sockets.
    virtual result<owned_acceptor> adopt_listener(socket listening);
    // Makes a stream from a connected, non-blocking stream socket; the caller has checked the socket. Error:
    // errc::unsupported, if the backend has no sockets.
    virtual result<owned_stream> adopt(socket connected);
    // Begins to connect. user::on_connected() is called once, after this call has returned. This call itself returns an
    // error if the attempt cannot begin, for example because the address cannot be used here.
    virtual result<std::unique_ptr<connect_attempt>> connect(const address& peer, connect_attempt::user& user) = 0;
    // Opens a datagram socket, bound to `here` and connected to `peer`. If `here` is address(), the kernel chooses the
    // local address. If `peer` is address(), the socket is not connected. They must not both be address().
    virtual result<owned_port> open_port(const address& here, const address& peer) = 0;
    // Returns a function that resolves `text` to all its addresses. The function may block: call it in offload(). It
    // owns everything that it uses, and may outlive the backend.
    virtual std::function<result<std::vector<address>>()> look_up(std::string text) = 0;
    // Calls `on_signal` during wait() when the process has received this signal. Until the watch is destroyed, the
    // signal does not have its usual effect. Error: errc::unsupported, if the backend has no signals.
    virtual result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> on_signal) = 0;

private:
    std::string remark_;
    loop_memory memory_;
};

}  // namespace weir
