#include <array>
#include <new>
#include <utility>

#include "weir/coroutine/internal/frame_pool.h"

namespace weir::internal::frame_pool {
namespace {

constexpr std::size_t step = 16;

struct free_frame {
    free_frame* next;
};

// The free lists. The frames of list i have i * step + step / 2 bytes. These sizes waste no memory in an allocator that
// keeps a word beside each allocation, as glibc does.
struct lists {
    std::array<free_frame*, largest_frame_bytes / step + 1> heads{};
    std::size_t kept = 0;

    ~lists() {
        for (auto*& head : heads) {
            while (head != nullptr) ::operator delete(std::exchange(head, head->next));
        }
        kept = most_kept_bytes;  // frames that are returned later go to the general allocator
    }
};

thread_local lists mine;

constexpr std::size_t list_of(std::size_t size) { return (size + step / 2 - 1) / step; }
constexpr std::size_t bytes_of(std::size_t list) { return list * step + step / 2; }

}  // namespace

void* take(std::size_t size) {
    if (size > largest_frame_bytes) return ::operator new(size);
    auto& head = mine.heads[list_of(size)];
    if (head == nullptr) return ::operator new(bytes_of(list_of(size)));
    mine.kept -= bytes_of(list_of(size));
    return std::exchange(head, head->next);
}

void give(void* frame, std::size_t size) noexcept {
    const std::size_t taken = bytes_of(list_of(size));
    if (size > largest_frame_bytes || mine.kept + taken > most_kept_bytes) return ::operator delete(frame);
    auto& head = mine.heads[list_of(size)];
    head = new (frame) free_frame{head};
    mine.kept += taken;
}

std::size_t kept_bytes() noexcept { return mine.kept; }

}  // namespace weir::internal::frame_pool
