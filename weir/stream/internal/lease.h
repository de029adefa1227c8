// A lease bounds the lifetime of views. The owner of the memory renews it; a view with an older stamp is then invalid.
// The counter of a lease is never freed, only reused by other leases, so a view can be checked after its channel was
// destroyed.
#pragma once

#include "weir/base/language.h"

#include <cstdint>
#include <utility>

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// Thread safety: one thread at a time; different leases are independent.
class lease {
public:
    lease();
    lease(lease&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
    // Views stamped by this lease become invalid.
    lease& operator=(lease&& other) noexcept {
        lease taken(std::move(other));
        std::swap(cell_, taken.cell_);
        return *this;
    }
    ~lease();

    // Makes views that were stamped before invalid.
    void renew() noexcept { ++*cell_; }

    // The part that a view keeps. A default stamp is always valid.
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

}  // namespace internal
}  // namespace weir
