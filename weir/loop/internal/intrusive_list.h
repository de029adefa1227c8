// A doubly linked list whose links are in its items. Adding an item to a list allocates nothing and cannot fail; an
// item leaves its list when it is destroyed.
#pragma once

#include <utility>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

template <class T>
class intrusive_list;

// The links of a T, which derives from this class. To be in two kinds of lists at once, T derives from it twice, with
// different template arguments.
template <class T>
class list_item {
public:
    list_item() = default;
    list_item(const list_item&) = delete;
    list_item& operator=(const list_item&) = delete;

    bool is_listed() const noexcept { return next_ != nullptr; }

protected:
    ~list_item() { unlist(); }

    void unlist() noexcept {
        if (next_ == nullptr) return;
        next_->before_ = before_;
        before_->next_ = next_;
        next_ = before_ = nullptr;
    }

private:
    friend class intrusive_list<T>;

    list_item* next_ = nullptr;
    list_item* before_ = nullptr;
};

// A list that does not own its items; its destructor removes them from the list. Thread safety: one thread at a time.
template <class T>
class intrusive_list {
public:
    intrusive_list() noexcept { ends_.next_ = ends_.before_ = &ends_; }
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;
    ~intrusive_list() {
        while (!empty()) ends_.next_->unlist();
        ends_.next_ = ends_.before_ = nullptr;
    }

    bool empty() const noexcept { return ends_.next_ == &ends_; }

    void push(T& item) { insert(item, ends_); }
    void push_front(T& item) { insert(item, *ends_.next_); }

    // Returns the first item; null when there is none.
    T* first() const noexcept { return empty() ? nullptr : static_cast<T*>(ends_.next_); }
    // Takes the first item out and returns it.
    T* pop() noexcept {
        T* const one = first();
        if (one != nullptr) ends_.next_->unlist();
        return one;
    }

    // Takes out an item of this list.
    void remove(T& item) noexcept { static_cast<list_item<T>&>(item).unlist(); }

    // Appends all items of the other list to this one.
    void append(intrusive_list& other) noexcept {
        if (other.empty()) return;
        other.ends_.next_->before_ = ends_.before_;
        ends_.before_->next_ = other.ends_.next_;
        other.ends_.before_->next_ = &ends_;
        ends_.before_ = other.ends_.before_;
        other.ends_.next_ = other.ends_.before_ = &other.ends_;
    }

    // Calls visit(T&) for each item, in the order of the list. visit() must not change the list.
    template <class Visit>
    void for_each(Visit visit) const {
        for (list_item<T>* one = ends_.next_; one != &ends_; one = one->next_) visit(static_cast<T&>(*one));
    }

private:
    void insert(T& item, list_item<T>& before) {
        list_item<T>& one = item;
        WEIR_CHECK(!one.is_listed(), "an item is put into a list while it is in one");
        one.before_ = before.before_;
        one.next_ = &before;
        before.before_->next_ = &one;
        before.before_ = &one;
    }

    list_item<T> ends_;
};

}  // namespace internal
}  // namespace weir
