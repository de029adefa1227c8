// What a loop runs next: an intrusive list, first in, first out. Nothing is allocated, and what is in it can be taken
// out.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {

// Something to run on the loop, soon. Destroyed while it waits, it is taken out.
class ready_item {
public:
    ready_item() = default;
    ready_item(const ready_item&) = delete;
    ready_item& operator=(const ready_item&) = delete;
    virtual ~ready_item() { unlist(); }

    virtual void run() = 0;

    bool is_listed() const noexcept { return next_ != nullptr; }

protected:
    void unlist() noexcept {
        if (next_ == nullptr) return;
        next_->before_ = before_;
        before_->next_ = next_;
        next_ = before_ = nullptr;
    }

private:
    friend class ready_list;

    ready_item* next_ = nullptr;
    ready_item* before_ = nullptr;
};

// Thread safety: its loop's thread alone.
class ready_list {
public:
    ready_list() noexcept { ends_.next_ = ends_.before_ = &ends_; }
    ready_list(const ready_list&) = delete;
    ready_list& operator=(const ready_list&) = delete;
    ~ready_list() {
        while (pop() != nullptr) {
        }
        ends_.next_ = ends_.before_ = nullptr;
    }

    bool empty() const noexcept { return ends_.next_ == &ends_; }

    void push(ready_item& item) {
        WEIR_CHECK(!item.is_listed(), "what is to run next is listed already");
        item.before_ = ends_.before_;
        item.next_ = &ends_;
        ends_.before_->next_ = &item;
        ends_.before_ = &item;
    }

    // The first one; null when there is none.
    ready_item* first() const noexcept { return empty() ? nullptr : ends_.next_; }
    // The same, no longer in the list.
    ready_item* pop() noexcept {
        if (empty()) return nullptr;
        ready_item* const first = ends_.next_;
        first->unlist();
        return first;
    }

    // Takes over all that the other has, behind what is here.
    void append(ready_list& other) noexcept {
        if (other.empty()) return;
        other.ends_.next_->before_ = ends_.before_;
        ends_.before_->next_ = other.ends_.next_;
        other.ends_.before_->next_ = &ends_;
        ends_.before_ = other.ends_.before_;
        other.ends_.next_ = other.ends_.before_ = &other.ends_;
    }

private:
    struct sentinel final : ready_item {
        void run() override {}
    };

    sentinel ends_;
};

}  // namespace weir
