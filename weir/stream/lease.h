// A lease says until when a view is good: the owner renews it, and whoever holds an older stamp has come too late. Its
// cell is never given back to the system, only to other leases, so that even a view whose channel is gone finds out.
#pragma once

#include <cstdint>
#include <utility>

namespace [[gnu::visibility("default")]] weir {

// Thread safety: one thread at a time; different leases are independent.
class lease {
public:
    lease();
    lease(lease&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
    // Ends what was stamped by this one.
    lease& operator=(lease&& other) noexcept {
        lease taken(std::move(other));
        std::swap(cell_, taken.cell_);
        return *this;
    }
    ~lease();

    // Ends what was stamped before.
    void renew() noexcept { ++*cell_; }

    // What a view keeps of a lease.
    class stamp {
    public:
        stamp() noexcept = default;
        explicit stamp(const lease& from) noexcept : cell_(from.cell_), count_(*from.cell_) {}
        bool good() const noexcept { return cell_ == nullptr || *cell_ == count_; }

    private:
        const std::uint64_t* cell_ = nullptr;
        std::uint64_t count_ = 0;
    };

private:
    std::uint64_t* cell_;
};

}  // namespace weir
