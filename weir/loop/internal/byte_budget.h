// Limits the bytes that the connections of a loop hold for messages: input, partial messages, queued output, spare
// buffers. Each connection has limits of its own, but those do not bound thousands of connections together. A
// connection requests memory before it receives or queues bytes that may not fit, and waits until they fit. While it
// waits, the connections that hold the most and whose peers make no progress are closed.
//
//     used  =  the sum of max(held, promised) of all holders  +  spare buffers        never over the limit, except for
//              - always_bytes of each holder, so that small messages continue
//              - one holder, when all others that hold more than that wait for the budget too: otherwise no
//                memory would ever be returned
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "weir/base/time.h"
#include "weir/loop/internal/ready_list.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: its loop's thread alone.
class byte_budget {
public:
    // Returns 256 MiB, or a quarter of the memory that this process may use (the machine's, or its cgroup's), whichever
    // is less.
    static std::size_t default_limit_bytes() noexcept;
    // The bytes that each holder may hold without a request.
    static constexpr std::size_t always_bytes = 16 * 1024;
    // While a holder waits, another one may be closed if its peer made no progress for this time.
    static constexpr duration patience = std::chrono::seconds(1);
    // The interval at which check() is called.
    static constexpr duration check_interval = std::chrono::milliseconds(250);
    // The most holders that one call of check() closes.
    static constexpr int most_evicted = 64;

    // What a holder waits for besides the budget: nothing, or its own peer, which has to take what was sent.
    enum class wait : std::uint8_t { budget_alone, peer_too };

    // The share of one connection in the budget.
    class holder : private ready_item, private list_item<holder> {
        using ready_item::is_listed;
        using ready_item::unlist;

    public:
        explicit holder(byte_budget& of) noexcept : of_(of) {}
        ~holder() override { release(); }

        // Sets the number of bytes that the holder holds now.
        void hold(std::size_t bytes) noexcept {
            if (bytes != held_) of_.change(*this, bytes, promised_);
        }
        // Requests permission to hold `bytes` in all. Returns true when they are promised; the promise lasts until the
        // next call. Returns false when the holder must wait: resume() is called when they are promised.
        bool may_hold(std::size_t bytes) noexcept {
            if (bytes <= promised_ && !is_listed()) return true;
            return bytes <= always_bytes || of_.promise(*this, bytes);
        }
        // Sets what the holder waits for besides the budget.
        void waits_for(wait how) noexcept {
            if (how != wait_) of_.change_wait(*this, how);
        }
        // Reduces the promise to `bytes`.
        void shrink(std::size_t bytes) noexcept {
            if (promised_ > bytes) of_.change(*this, held_, bytes);
        }
        // Releases the promise, and ends the wait for one.
        void unpromise() noexcept {
            if (promised_ != 0 || is_listed()) of_.unpromise(*this);
        }
        // Releases all bytes, and ends the wait.
        void release() noexcept {
            unpromise();
            hold(0);
        }
        std::size_t held() const noexcept { return held_; }
        std::size_t promised() const noexcept { return promised_; }
        bool is_waiting() const noexcept { return is_listed(); }

    private:
        friend class byte_budget;
        friend class intrusive_list<holder>;
        virtual void resume() noexcept = 0;
        void run() override { resume(); }
        // Returns the time when the peer last made progress; nothing while the holder does not wait for its peer.
        virtual std::optional<time_point> peer_moved() noexcept = 0;
        // Closes the connection. The holder holds fewer bytes when the function returns.
        virtual void evict() noexcept = 0;

        bool is_large() const noexcept { return list_item<holder>::is_listed(); }
        std::size_t claim() const noexcept { return held_ < promised_ ? promised_ : held_; }

        byte_budget& of_;
        std::size_t held_ = 0;
        std::size_t promised_ = 0;
        std::size_t wanted_ = 0;  // the requested bytes, while it waits
        wait wait_ = wait::budget_alone;
    };

    // Memory that is kept for later, and freed when a holder needs it.
    class cache {
    public:
        virtual void drop() noexcept = 0;

    protected:
        ~cache() = default;
    };

    byte_budget() noexcept : limit_(default_limit_bytes()) {}
    byte_budget(const byte_budget&) = delete;
    byte_budget& operator=(const byte_budget&) = delete;

    // Sets the limit; std::nullopt means no limit. The limit takes effect at once.
    void limit(std::optional<std::size_t> most) noexcept;
    void set_cache(cache& one) noexcept { cache_ = &one; }
    void count_cached(std::size_t bytes) noexcept { cached_ = bytes; }

    std::size_t limit_bytes() const noexcept { return limit_; }
    // Returns the bytes that all holders hold now.
    std::size_t held_bytes() const noexcept { return held_; }
    // Returns the bytes that holders hold or were promised, plus the bytes that are kept for later.
    std::size_t used_bytes() const noexcept { return claimed_ + cached_; }
    bool is_over() const noexcept { return used_bytes() > limit_; }
    // Returns the number of holders that wait now.
    std::size_t waiting() const noexcept { return waiting_count_; }
    // Returns the number of holders that were closed.
    std::uint64_t evicted() const noexcept { return evicted_; }

    // has_fallen() returns true when much less is held than at the last peak, if that peak was least_peak_bytes or
    // more. The allocator may then return memory to the system. forget_peak() starts to measure a new peak.
    static constexpr std::size_t least_peak_bytes = std::size_t{32} << 20;
    bool has_fallen() const noexcept { return peak_ >= least_peak_bytes && held_ < peak_ / 4; }
    void forget_peak() noexcept { peak_ = held_; }

    // Called every check_interval while a holder waits. Closes the holders that hold the most and whose peers make no
    // progress. If no waiting holder was resumed for `patience`, resumes the first one even without room. The other
    // holders may wait for that one, in ways that the budget does not see.
    void check(time_point now) noexcept;

private:
    void change(holder& one, std::size_t held, std::size_t promised) noexcept;
    bool promise(holder& one, std::size_t bytes) noexcept;
    void change_wait(holder& one, wait how) noexcept;
    static bool waits_large(const holder& one) noexcept {
        return one.is_large() && one.is_listed() && one.wait_ == wait::budget_alone;
    }
    void unpromise(holder& one) noexcept;
    bool fits(const holder& one, std::size_t bytes) noexcept;
    void list_large(holder& one, bool is_large) noexcept;
    void leave_line(holder& one) noexcept;
    void resume_some() noexcept;
    void grant(holder& first) noexcept;
    void evict_stalled(time_point now) noexcept;

    std::size_t limit_;
    std::size_t held_ = 0;
    std::size_t peak_ = 0;
    std::size_t claimed_ = 0;
    std::size_t cached_ = 0;
    std::size_t waiting_count_ = 0;
    std::uint64_t evicted_ = 0;
    bool has_resumed_ = false;  // a waiting holder was resumed since the last check
    time_point resumed_at_{};
    std::size_t large_count_ = 0;    // holders in large_
    std::size_t large_waiting_ = 0;  // those of them that wait for the budget alone
    intrusive_list<holder> large_;   // with a claim over always_bytes
    ready_list waiting_;
    cache* cache_ = nullptr;
};

}  // namespace internal
}  // namespace weir
