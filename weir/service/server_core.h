// What a server is made of: the acceptor, the connections, the limits. Private.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "weir/loop/cancellation.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/service/accept_dispatcher.h"
#include "weir/service/server.h"
#include "weir/service/source_counts.h"

namespace weir {

// Thread safety: its loop's thread alone.
class server::core final : private acceptor::user, private ready_item, private timer {
public:
    // Accepted in one turn at most; the others wait for the next. Fewer while the loop is behind: connections that are
    // there come first, and what they wait for does not grow with the queue of the listener.
    static constexpr std::size_t most_accepts_a_turn = 16;
    static constexpr std::size_t most_accepts_behind = 4;
    // Out of descriptors: how long until the next try, doubled each time.
    static constexpr duration first_back_off = std::chrono::milliseconds(10);
    static constexpr duration longest_back_off = std::chrono::seconds(1);

    // `sources`: shared by all servers that accept from one socket.
    core(owned_acceptor listening, framing described, server_options how, std::shared_ptr<source_counts> sources);
    ~core() override;

    // Waits until the server has ended; a cancel cuts it short.
    class completion final : private ready_item, private cancellable {
    public:
        explicit completion(core& of) noexcept : of_(of) {}
        ~completion() override {
            if (chain_ != nullptr) chain_->leave();
            if (of_.completion_ == this) of_.completion_ = nullptr;
        }

        bool await_ready() const noexcept { return of_.is_over(); }
        template <on_a_loop Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            cancellation& chain = frame.promise().chain();
            if (chain.requested()) of_.abort_all();
            if (of_.is_over()) return false;
            frame_ = frame;
            chain_ = &chain;
            chain.enter(*this);
            of_.completion_ = this;
            return true;
        }
        void await_resume() const noexcept {}

        void over() noexcept { of_.here_.make_ready(*this); }

    private:
        void cancel_wait() noexcept override { of_.abort_all(); }
        void run() override {
            chain_->leave();
            chain_ = nullptr;
            trampoline::run(frame_);
        }

        core& of_;
        std::coroutine_handle<> frame_;
        cancellation* chain_ = nullptr;
    };

    void begin(handler handles);
    void stop();
    bool is_over() const noexcept { return has_stopped() && connections_.empty(); }

    // Accepts for servers on other loops from now on, which join what this returns. Null: it cannot. Before run().
    std::shared_ptr<accept_dispatcher> dispatch();
    // It gets its connections from another server, which counts them.
    void counts_at(std::shared_ptr<accept_dispatcher> one, accept_dispatcher::shared_target as) noexcept;

    const acceptor* listening() const noexcept { return listening_.get(); }
    const framing& described() const noexcept { return terms_->encode.described(); }
    const address& local_address() const noexcept { return here_address_; }
    // From any thread.
    const std::shared_ptr<source_counts>& sources() const noexcept { return sources_; }
    server_stats stats() const;

private:
    // waiting: the acceptor has no connection, and calls accepted(). paused: at a limit, or short of a resource.
    //     ready ◀──▶ waiting        ready ◀──▶ paused
    enum class accepting : std::uint8_t { ready, waiting, paused };
    // serving ──▶ draining (stop()) ──▶ aborting (a second stop(), a cancel, or the end of the drain)
    enum class phase : std::uint8_t { serving, draining, aborting };

    // One that was accepted, until its handler has ended and its channel is closed.
    struct connection final : ready_item, task_observer, channel_watch {
        explicit connection(core& of) : owner(of) {}
        void task_ended(bool threw) noexcept override;
        void channel_closed(const channel_core& one) noexcept override;
        void let_go_of(const channel_core& one) noexcept;
        // Its handler begins, or both have ended.
        void run() override;
        // Null when it was closed, and its handler ended.
        const address* peer() const noexcept { return below != nullptr ? &below->peer() : late_peer.get(); }

        core& owner;
        channel_core* below = nullptr;  // until it is closed
        cancellation chain;             // of the handler, whose frame goes first
        std::optional<task<>> handles;
        std::unique_ptr<const address> late_peer;  // of a channel that was closed before its handler ended
        std::uint32_t place = 0;
        bool has_ended = false;
    };

    // acceptor::user
    void accepted(accepted_connection one) noexcept override;
    // ready_item: accepts
    void run() override;
    // timer: the back-off, or the end of the drain
    void expire() override;

    bool has_stopped() const noexcept { return phase_ != phase::serving; }
    void accept_soon() noexcept;
    void resume() noexcept;
    void take(accepted_connection one);
    bool deal(accepted_connection& one);
    void serve(accepted_connection one);
    void limit_kernel_buffers(byte_stream& one) const;
    void turn_away(owned_stream one, const address& peer) noexcept;
    void pause(const error& why);
    void back_off(const error& why) noexcept;
    bool is_full();
    bool is_over_source_limit(const address& peer);
    void leave_source(const address& peer);
    void forget(connection& one);
    void abort_all() noexcept;
    void end_if_over() noexcept;
    void tell_of_end(const channel_core& one) const;
    void tell(server_event::kind what, std::string_view text, const address* peer = nullptr,
              const error* why = nullptr) const;

    loop& here_;
    loop::dependent dependent_{here_};
    owned_acceptor listening_;
    address here_address_;
    shared_terms terms_;
    server_options how_;
    handler handles_;
    std::optional<accepted_connection> arrived_;
    std::shared_ptr<accept_dispatcher> dispatcher_;  // of a server on several loops
    accept_dispatcher::shared_target target_;        // this server in it
    std::vector<std::unique_ptr<connection>> connections_;
    const std::optional<std::size_t> most_of_a_source_;
    const std::shared_ptr<source_counts> sources_;
    server_stats stats_;
    duration back_off_ = first_back_off;
    completion* completion_ = nullptr;
    bool deals_ = false;  // it accepts for the others
    accepting accepting_ = accepting::ready;
    phase phase_ = phase::serving;
};

}  // namespace weir
