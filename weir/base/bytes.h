// `bytes_view` is a view of bytes that another object owns; `bytes` owns its bytes. Both compare by content.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/check.h"

namespace [[gnu::visibility("default")]] weir {

// A view of bytes that another object owns. The view must not outlive the bytes. Text converts to it byte for byte, so
// `send("hello")` works. A char array is viewed up to its first NUL; a string or string_view is viewed in full.
class bytes_view {
public:
    constexpr bytes_view() noexcept = default;
    // Makes a view of memory or of text; each char of the text is one byte. If the pointer is null, the size must be 0.
    constexpr bytes_view(const std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
    constexpr bytes_view(std::span<const std::byte> bytes) noexcept : data_(bytes.data()), size_(bytes.size()) {}
    constexpr bytes_view(std::span<std::byte> bytes) noexcept : data_(bytes.data()), size_(bytes.size()) {}
    bytes_view(std::string_view text) noexcept
        : data_(reinterpret_cast<const std::byte*>(text.data())), size_(text.size()) {}
    bytes_view(const std::string& text) noexcept : bytes_view(std::string_view(text)) {}
    bytes_view(const char* text) noexcept : bytes_view(std::string_view(text)) {}

    // These functions work as in std::span; sizes are in bytes. An index out of range fails a WEIR_CHECK.
    constexpr const std::byte* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const std::byte* begin() const noexcept { return data_; }
    constexpr const std::byte* end() const noexcept { return data_ + size_; }
    constexpr std::byte operator[](std::size_t index) const {
        WEIR_CHECK(index < size_, "byte index out of range");
        return data_[index];
    }

    // Returns the same bytes as a std::span.
    constexpr std::span<const std::byte> span() const noexcept { return {data_, size_}; }
    // Returns the same bytes as text, without checking the encoding.
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

    // Returns a part of the view. A part that is out of bounds fails a WEIR_CHECK.
    constexpr bytes_view first(std::size_t count, std::source_location where = std::source_location::current()) const {
        WEIR_CHECK(count <= size_, "first() of more bytes than there are", where);
        return {data_, count};
    }
    constexpr bytes_view from(std::size_t offset, std::source_location where = std::source_location::current()) const {
        WEIR_CHECK(offset <= size_, "from() past the end", where);
        return {data_ + offset, size_ - offset};
    }
    constexpr bytes_view part(std::size_t offset, std::size_t count,
                              std::source_location where = std::source_location::current()) const {
        return from(offset, where).first(count, where);
    }

    // Compares sizes and bytes.
    friend bool operator==(bytes_view a, bytes_view b) noexcept {
        return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.data_, b.data_, a.size_) == 0);
    }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

// A sequence of bytes that owns its memory.
class bytes {
public:
    bytes() noexcept = default;
    // Makes `size` zero bytes.
    explicit bytes(std::size_t size) : data_(size) {}
    // Copies the bytes of anything that converts to bytes_view.
    template <class Content>
        requires(std::convertible_to<const Content&, bytes_view> && !std::same_as<Content, bytes>)
    bytes(const Content& content) {
        const bytes_view copied(content);
        data_.assign(copied.begin(), copied.end());
    }
    // Makes a copy of the listed bytes: bytes{0xca, 0xfe}.
    bytes(std::initializer_list<std::uint8_t> values) {
        data_.reserve(values.size());
        for (const auto value : values) data_.push_back(std::byte{value});
    }

    // These functions work as in std::vector; sizes are in bytes. An index out of range fails a WEIR_CHECK.
    std::byte* data() noexcept { return data_.data(); }
    const std::byte* data() const noexcept { return data_.data(); }
    std::size_t size() const noexcept { return data_.size(); }
    bool empty() const noexcept { return data_.empty(); }
    std::byte& operator[](std::size_t index) { return data_[checked(index)]; }
    std::byte operator[](std::size_t index) const { return data_[checked(index)]; }
    auto begin() noexcept { return data_.begin(); }
    auto end() noexcept { return data_.end(); }
    auto begin() const noexcept { return data_.begin(); }
    auto end() const noexcept { return data_.end(); }

    // These functions change the content and invalidate all views of it. The bytes that resize() adds are zero. The
    // bytes passed to append() must not be a part of this object. All except clear() may throw std::bad_alloc.
    void resize(std::size_t size) { data_.resize(size); }
    void append(bytes_view more) { data_.insert(data_.end(), more.begin(), more.end()); }
    void append(std::uint8_t value) { data_.push_back(std::byte{value}); }
    void clear() noexcept { data_.clear(); }

    // Returns the same bytes as text, as a bytes_view or as a std::span. The result is valid until this object is
    // changed or destroyed.
    std::string_view text() const noexcept { return view().text(); }
    bytes_view view() const noexcept { return {data_.data(), data_.size()}; }
    operator bytes_view() const noexcept { return view(); }
    std::span<std::byte> span() noexcept { return data_; }

    // Compares with anything that converts to bytes_view: bytes, a view, text.
    template <class Other>
        requires std::convertible_to<const Other&, bytes_view>
    friend bool operator==(const bytes& one, const Other& other) noexcept {
        return one.view() == bytes_view(other);
    }

private:
    std::size_t checked(std::size_t index) const {
        WEIR_CHECK(index < data_.size(), "byte index out of range");
        return index;
    }

    std::vector<std::byte> data_;
};

}  // namespace weir
