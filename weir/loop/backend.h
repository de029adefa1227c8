// What a loop needs from the world: time, connections, names, signals, threads for what blocks. io_uring(7) implements
// it, epoll(7), and a simulated network of virtual time; nothing above can tell which. Completion-shaped: what is asked
// for is answered at once or told later, from within wait().
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
#include "weir/socket/listen_on.h"

namespace [[gnu::visibility("default")]] weir {

// Signals that a program reacts to.
enum class signal : std::uint8_t { interrupt, terminate, hang_up, user_1, user_2 };

// Which one; automatic: io_uring(7) where the kernel has it (Linux 6.1) and allows it, else epoll(7).
enum class backend_kind : std::uint8_t { automatic, io_uring, epoll, simulated };
std::string_view to_string(backend_kind which) noexcept;

// What becomes of offloaded work that still runs when its loop is destroyed.
enum class at_loop_end : std::uint8_t {
    finish,       // the loop waits for its end
    leave_behind  // it goes on by itself, perhaps until the process ends: it refers to nothing that it does not own
};

// A connection on its way. Destroyed before it was told: given up.
class attempt {
public:
    class user {
    public:
        // The stream, or why there is none. It must not destroy the attempt in this call.
        virtual void connected(outcome how, owned_stream made) noexcept = 0;

    protected:
        ~user() = default;
    };
    virtual ~attempt() = default;
};

// Signals reach it until it is destroyed.
class signal_watch {
public:
    virtual ~signal_watch() = default;
};

// Thread safety: its loop's thread alone, but for wake().
class backend {
public:
    virtual ~backend() = default;

    // automatic: one of a program's own.
    virtual backend_kind kind() const noexcept { return backend_kind::automatic; }
    // Why it is not the one that would have been preferred; empty when it is.
    std::string_view remark() const noexcept { return remark_; }
    void stands_in(std::string why) { remark_ = std::move(why); }

    // The time, on the monotonic clock or a simulated one.
    virtual time_point now() = 0;
    // A number that nobody foresees; in a simulation the seed decides it.
    virtual std::uint64_t random() = 0;

    // Returns when something has completed, when wake() was called since the last wait, or at `until`, whichever comes
    // first. What has completed is told in this call. False when it did not look at everything: there may be more than
    // it tells in one call, or a signal ended it.
    virtual bool wait(deadline until) = 0;
    // Ends the wait that is going on, or the next one. From any thread.
    virtual void wake() noexcept = 0;
    // What was asked for is on its way when this returns, and what was closed is closed; wait() does that by itself.
    // The loop calls it where it may not wait again for long: at the end of run(), and of run_once(), behind which a
    // foreign loop waits.
    virtual void submit() {}
    // Runs `work` on a thread where it may block. `work` must not throw, and is destroyed on that thread; work that has
    // not begun when the loop is destroyed is dropped. An error (errc::system, no_memory): no thread is there and none
    // can be started; it is not run.
    virtual result<void> offload(std::function<void()> work, at_loop_end then = at_loop_end::finish) = 0;
    // A descriptor that becomes readable when wait() has something to tell, for a foreign loop; -1 when there is none.
    virtual int poll_fd() const noexcept { return -1; }

    // Listens where `here` says, as listen_on() does. A name may ask the network, and block: that is for the start of a
    // server.
    virtual result<owned_acceptor> listen(std::string_view here, listen_options how) = 0;
    // Accepts from the queue of a listener that another loop, on another thread, listens with; that one must live until
    // this returns. errc::unsupported in a world of one loop.
    virtual result<owned_acceptor> listen_beside(const acceptor& other) = 0;
    // A stream of this world for a connected socket, see acceptor::give_sockets(). errc::unsupported in a world that
    // has no sockets.
    virtual result<owned_stream> adopt(socket connected);
    // Begins to connect; the user is told once, never in this call. Errors of this call: the address makes no sense
    // here.
    virtual result<std::unique_ptr<attempt>> connect(const address& peer, attempt::user& told) = 0;
    // A datagram socket bound to `here` (address(): where the kernel likes) and connected to `peer`, unless that is
    // address(). Not both of them address().
    virtual result<owned_port> open_port(const address& here, const address& peer) = 0;
    // Returns a function that gives all addresses that `text` means. The function may block: call it in offload(). It
    // owns all that it uses, and may run longer than the backend exists.
    virtual std::function<result<std::vector<address>>()> look_up(std::string text) = 0;
    // `told` is called, from within wait(), each time the process gets this signal; the signal's own effect is off
    // until the watch is destroyed. errc::unsupported where there are no signals.
    virtual result<std::unique_ptr<signal_watch>> watch(signal which, std::function<void()> told) = 0;

private:
    std::string remark_;
};

}  // namespace weir
