// The state of a server: the acceptor, the connections, the limits. Private.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "weir/coroutine/internal/cancellation.h"
#include "weir/coroutine/task.h"
#include "weir/framing/framing.h"
#include "weir/loop/acceptor.h"
#include "weir/loop/loop.h"
#include "weir/loop/timer.h"
#include "weir/service/handler.h"
#include "weir/service/internal/accept_dispatcher.h"
#include "weir/service/internal/handshakes.h"
#include "weir/service/internal/server_counters.h"
#include "weir/service/internal/source_counts.h"
#include "weir/service/server_options.h"
#include "weir/stream/internal/channel/channel_core.h"

namespace weir::internal {

// Thread safety: its loop's thread alone.
class server_core final : private acceptor::user, private ready_item, private timer, private handshakes::user {
public:
    // The maximum number of connections that one turn accepts; the others wait for the next turn. A turn accepts fewer
    // while the loop is behind, so that a long accept queue does not delay the existing connections.
    static constexpr std::size_t most_accepts_a_turn = 16;
    static constexpr std::size_t most_accepts_behind = 4;
    // The time until the next accept after a failure, for example for lack of descriptors. It doubles after each
    // failure.
    static constexpr duration first_back_off = std::chrono::milliseconds(10);
    static constexpr duration longest_back_off = std::chrono::seconds(1);

    // All servers that accept from one socket share `sources`.
    server_core(owned_acceptor listening, framing described, server_options how,
                std::shared_ptr<source_counts> sources);
    ~server_core() override;

    // The awaiter of the server's end. A cancel aborts all connections.
    class completion final : private ready_item, private cancellable {
    public:
        explicit completion(server_core& of) noexcept : of_(of) {}
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

        server_core& of_;
        std::coroutine_handle<> frame_;
        cancellation* chain_ = nullptr;
    };

    void begin(handler handles);
    void stop();
    bool is_over() const noexcept { return has_stopped() && count() == 0; }

    // Makes this server accept for servers on other loops, which join the returned dispatcher. Returns null when the
    // backend cannot do this. Call it before run().
    std::shared_ptr<accept_dispatcher> dispatch();
    // Sets the dispatcher that assigns connections to this server, and its target that counts them.
    void counts_at(std::shared_ptr<accept_dispatcher> one, accept_dispatcher::shared_target as) noexcept;

    const framing& described() const noexcept { return terms_->encode.described(); }
    const address& local_address() const noexcept { return here_address_; }
    // Thread safety: any thread.
    const std::shared_ptr<source_counts>& sources() const noexcept { return sources_; }
    // Thread safety: any thread, for the returned object too.
    const std::shared_ptr<server_counters>& counters() const noexcept { return counters_; }

private:
    // waiting: the acceptor has no connection and will call on_accepted(). paused: at a limit, or short of a resource.
    //     ready ◀──▶ waiting        ready ◀──▶ paused
    enum class accept_state : std::uint8_t { ready, waiting, paused };
    // serving ──▶ draining (stop()) ──▶ aborting (a second stop(), a cancel, or the end of the drain)
    enum class phase : std::uint8_t { serving, draining, aborting };

    // An accepted connection and its channel, in one allocation. It exists until its handler has ended and its channel
    // is closed. When it no longer has a server (after an abort, or after the server was destroyed), it exists until
    // its channel is closed.
    struct connection final : ready_item, task_observer, channel_owner {
        connection(server_core& of, owned_stream below, address peer, std::unique_ptr<peer_facts> facts)
            : owner(&of), core(*this, std::move(below), of.terms_, std::move(peer), std::move(facts)) {}
        void task_ended(bool threw) noexcept override;
        void channel_closed(const channel_core& one) noexcept override;
        void release(channel_core& one) noexcept override;
        // Starts the handler. After the handler has ended, destroys its coroutine frame, and removes the connection if
        // the channel is also closed.
        void run() override;
        // Called when the server no longer refers to this connection.
        void leave_server() noexcept;

        server_core* owner;  // null without its server
        cancellation chain;  // of the handler, whose coroutine frame is destroyed first
        std::optional<task<>> handles;
        std::uint32_t place = 0;
        bool has_ended = false;  // the handler has ended
        bool is_closed = false;  // the channel is closed
        channel_core core;
    };
    struct leaves_server {
        void operator()(connection* one) const noexcept { one->leave_server(); }
    };

    // acceptor::user
    void on_accepted(accepted_connection one) noexcept override;
    // handshakes::user
    void on_wrapped(owned_stream made, const address& connected_to,
                    std::unique_ptr<peer_facts> facts) noexcept override;
    void on_handshake_failed(const address& connected_to, const error& why) noexcept override;
    // ready_item: accepts
    void run() override;
    // timer: the back-off, or the end of the drain
    void expire() override;

    bool has_stopped() const noexcept { return phase_ != phase::serving; }
    // Returns the number of all connections, including those in a handshake.
    std::size_t count() const noexcept { return connections_.size() + handshakes_.count(); }
    void accept_soon() noexcept;
    void resume() noexcept;
    void take(accepted_connection one);
    bool assign(accepted_connection& one);
    void begin_handshake(accepted_connection one);
    // Returns false when there was no memory; the connection was then reset.
    bool serve(owned_stream one, const address& connected_to, std::unique_ptr<peer_facts> facts);
    void limit_kernel_buffers(byte_stream& one) const;
    void reject(owned_stream one, const address& peer) noexcept;
    void pause(const error& why);
    void back_off(const error& why) noexcept;
    bool is_full();
    bool is_over_source_limit(const address& peer);
    void leave_source(const address& peer);
    void count_end(const channel_core& one) noexcept;
    void forget(connection& one);
    void connection_ended() noexcept;
    void resume_accepting() noexcept;
    void abort_all(bool after_drain = false) noexcept;
    void end_if_over() noexcept;
    void log_end(const channel_core& one) const;
    void log_error(server_event::kind what, const error& why, const address& peer) const;
    void log(server_event::kind what, std::string_view text, const address* peer = nullptr,
             const error* why = nullptr) const;

    loop& here_;
    loop::dependent dependent_{here_};
    owned_acceptor listening_;
    address here_address_;
    const std::shared_ptr<server_counters> counters_ = std::make_shared<server_counters>();
    shared_terms terms_;
    server_options options_;
    handler handles_;
    std::optional<accepted_connection> arrived_;
    std::shared_ptr<accept_dispatcher> dispatcher_;  // null unless the server has several loops
    accept_dispatcher::shared_target target_;        // the target of this server in it
    std::vector<std::unique_ptr<connection, leaves_server>> connections_;
    handshakes handshakes_{*this, options_.wrappers, options_.limits.handshakes, *counters_};
    const std::optional<std::size_t> most_of_a_source_;
    const std::shared_ptr<source_counts> sources_;
    duration back_off_ = first_back_off;
    completion* completion_ = nullptr;
    bool accepts_for_all_ = false;  // whether this server accepts for the others, too
    accept_state accepting_ = accept_state::ready;
    phase phase_ = phase::serving;
};

}  // namespace weir::internal
