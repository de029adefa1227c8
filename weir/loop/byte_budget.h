// How many bytes the connections of a loop hold for messages: input, partial messages, queued output, spare buffers.
// Each connection has limits of its own; thousands together would not be bounded by them. A connection asks before it
// receives or queues what may not fit; it waits until it does, and while it waits, the connection that holds most and
// whose peer stands still is closed.
//
//     used  =  the sum of max(held, promised) of all holders  +  spare buffers        never over the limit, except for
//              - always_bytes of each holder: small messages of others go on
//              - one holder, when all others that hold more than that wait for the budget, too: somebody must go on,
//                or nothing is ever given back
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "weir/base/time.h"
#include "weir/loop/ready_list.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: its loop's thread alone.
class byte_budget {
public:
    // 256 MiB, or a quarter of the memory that this process may use (the machine's, or its cgroup's), whichever is
    // less.
    static std::size_t default_limit_bytes() noexcept;
    // What each holder may hold without asking.
    static constexpr std::size_t always_bytes = 16 * 1024;
    // A holder whose peer moved nothing for so long is closed while another one waits.
    static constexpr duration patience = std::chrono::seconds(1);
    // How often that is looked at.
    static constexpr duration look_interval = std::chrono::milliseconds(250);
    // Closed in one look, at most.
    static constexpr int most_evicted = 64;

    // What a holder waits for beside the budget: nothing, or its own peer, which has to take what was sent.
    enum class wait : std::uint8_t { budget_alone, peer_too };

    // A connection. In the line while it waits.
    class holder : private ready_item {
    public:
        explicit holder(byte_budget& of) noexcept : of_(of) {}
        ~holder() override { release(); }

        // Bytes that it holds now.
        void hold(std::size_t bytes) noexcept {
            if (bytes != held_) of_.change(*this, bytes, promised_);
        }
        // Whether it may come to hold `bytes` in all; they are promised until the next call. False: it waits, and
        // resume() is called when they are promised.
        bool may_hold(std::size_t bytes) noexcept {
            if (bytes <= promised_ && !is_listed()) return true;
            return bytes <= always_bytes || of_.promise(*this, bytes);
        }
        // What it waits for when it waits.
        void waits_for(wait how) noexcept {
            if (how != how_) of_.change_wait(*this, how);
        }
        // No more than so many bytes of what was promised are needed.
        void shrink(std::size_t bytes) noexcept {
            if (promised_ > bytes) of_.change(*this, held_, bytes);
        }
        // What was promised is needed no more.
        void unpromise() noexcept {
            if (promised_ != 0 || is_listed()) of_.unpromise(*this);
        }
        // Holds nothing, and waits for nothing.
        void release() noexcept {
            unpromise();
            hold(0);
        }
        std::size_t held() const noexcept { return held_; }
        std::size_t promised() const noexcept { return promised_; }
        bool is_waiting() const noexcept { return is_listed(); }

    private:
        friend class byte_budget;
        virtual void resume() noexcept = 0;
        void run() override { resume(); }
        // When its peer last sent or took a byte; nothing while the peer is not what it waits for.
        virtual std::optional<time_point> peer_moved() noexcept = 0;
        // Closes it: it holds less when this returns.
        virtual void evict() noexcept = 0;

        std::size_t claim() const noexcept { return held_ < promised_ ? promised_ : held_; }

        byte_budget& of_;
        std::size_t held_ = 0;
        std::size_t promised_ = 0;
        std::size_t wanted_ = 0;           // while it waits
        holder* larger_before_ = nullptr;  // in the list of those with a claim over always_bytes
        holder* larger_next_ = nullptr;
        bool is_large_ = false;
        wait how_ = wait::budget_alone;
    };

    // Memory that is kept for later, and given back when somebody needs it.
    class cache {
    public:
        virtual void drop() noexcept = 0;

    protected:
        ~cache() = default;
    };

    byte_budget() noexcept : limit_(default_limit_bytes()) {}
    byte_budget(const byte_budget&) = delete;
    byte_budget& operator=(const byte_budget&) = delete;

    // None: no limit. At once.
    void limit(std::optional<std::size_t> most) noexcept;
    void kept_by(cache& one) noexcept { cache_ = &one; }
    void cached(std::size_t bytes) noexcept { cached_ = bytes; }

    std::size_t limit_bytes() const noexcept { return limit_; }
    // What all holders hold now.
    std::size_t held_bytes() const noexcept { return held_; }
    // What they hold or were promised, and what is kept for later.
    std::size_t used_bytes() const noexcept { return claimed_ + cached_; }
    bool is_over() const noexcept { return used_bytes() > limit_; }
    // Holders that wait now.
    std::size_t waiting() const noexcept { return waiting_count_; }
    // Holders that were closed since the beginning.
    std::uint64_t evicted() const noexcept { return evicted_; }

    // True when much less is held than at the last peak, of least_peak_bytes or more: the allocator may give memory
    // back. Then the peak is now.
    static constexpr std::size_t least_peak_bytes = std::size_t{32} << 20;
    bool has_fallen() const noexcept { return peak_ >= least_peak_bytes && held_ < peak_ / 4; }
    void forget_peak() noexcept { peak_ = held_; }

    // While somebody waits, every look_interval: closes those that hold most and stand still. When there are none, and
    // nobody went on for as long as `patience`, the first one goes on: those that hold the memory may wait for it
    // themselves, by ways that the budget does not see.
    void look(time_point now) noexcept;

private:
    void change(holder& one, std::size_t held, std::size_t promised) noexcept;
    bool promise(holder& one, std::size_t bytes) noexcept;
    void change_wait(holder& one, wait how) noexcept;
    static bool waits_large(const holder& one) noexcept {
        return one.is_large_ && one.is_listed() && one.how_ == wait::budget_alone;
    }
    void unpromise(holder& one) noexcept;
    bool fits(const holder& one, std::size_t bytes) noexcept;
    void list_large(holder& one, bool is_large) noexcept;
    void leave_line(holder& one) noexcept;
    void resume_some() noexcept;
    void let_go_on(holder& first) noexcept;
    void evict_stalled(time_point now) noexcept;

    std::size_t limit_;
    std::size_t held_ = 0;
    std::size_t peak_ = 0;
    std::size_t claimed_ = 0;
    std::size_t cached_ = 0;
    std::size_t waiting_count_ = 0;
    std::uint64_t evicted_ = 0;
    bool went_on_ = false;  // somebody that waited, since the last look
    time_point went_on_at_{};
    std::size_t large_count_ = 0;    // holders in the list
    std::size_t large_waiting_ = 0;  // those of them that wait for the budget alone
    holder* large_ = nullptr;
    ready_list waiting_;
    cache* cache_ = nullptr;
};

}  // namespace weir
