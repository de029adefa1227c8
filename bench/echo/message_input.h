// Shared by the hand-written servers: framing by hand, as fast as possible. Each message of a read is answered, no byte
// is searched twice, and the rest of a partial message is read directly after its beginning.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "weir/base/check.h"

namespace bench {

enum class framing_by_hand : std::uint8_t { lines, len32 };

inline framing_by_hand framing_named(std::string_view name) {
    WEIR_CHECK(name == "lines" || name == "len32", "the framings of this benchmark are lines and len32");
    return name == "lines" ? framing_by_hand::lines : framing_by_hand::len32;
}

// A buffer: bytes are appended at its end and consumed from its front.
class byte_pile {
public:
    char* end() noexcept { return memory_.get() + end_; }
    const char* data() const noexcept { return memory_.get() + begin_; }
    std::size_t size() const noexcept { return end_ - begin_; }
    std::size_t room() const noexcept { return capacity_ - end_; }
    bool empty() const noexcept { return begin_ == end_; }

    void want_room(std::size_t count) {
        if (room() >= count) return;
        const std::size_t wanted = std::max(end_ + count, 2 * capacity_);
        memory_.reset(static_cast<char*>(std::realloc(memory_.release(), wanted)));
        WEIR_CHECK(memory_, "no memory");
        capacity_ = wanted;
    }
    void grow(std::size_t count) noexcept { end_ += count; }
    void append(const char* from, std::size_t count) {
        want_room(count);
        std::memcpy(end(), from, count);
        grow(count);
    }
    void consume(std::size_t count) noexcept {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    // Moves the bytes to the beginning of the memory.
    void move_to_front() noexcept {
        if (begin_ == 0) return;
        std::memmove(memory_.get(), data(), size());
        end_ -= begin_;
        begin_ = 0;
    }

private:
    struct freed {
        void operator()(char* memory) const noexcept { std::free(memory); }
    };
    std::unique_ptr<char, freed> memory_;
    std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

class message_input {
public:
    static constexpr std::size_t scratch_bytes = 256 * 1024;
    static constexpr std::size_t header_bytes = 4;

    explicit message_input(framing_by_hand how) noexcept : framing_(how) {}

    // Returns the memory for the next read: scratch memory that all connections of a thread share, or the memory after
    // the partial message.
    char* room(std::size_t& size) {
        if (partial_.empty()) {
            size = scratch_bytes;
            return scratch();
        }
        partial_.want_room(std::max<std::size_t>(missing(), 64 * 1024));
        size = partial_.room();
        return partial_.end();
    }

    // Call it after `count` bytes were read into room(). Appends the answers to the whole messages.
    void came(std::size_t count, byte_pile& answers) {
        if (partial_.empty()) return came_from(scratch(), count, answers);
        partial_.grow(count);
        partial_.consume(answer(partial_.data(), partial_.size(), answers));
        partial_.move_to_front();
    }
    // Does the same for bytes that were not read into room(): they are at `data`.
    void came_from(const char* data, std::size_t count, byte_pile& answers) {
        if (!partial_.empty()) {
            partial_.want_room(std::max(missing(), count));
            std::memcpy(partial_.end(), data, count);
            return came(count, answers);
        }
        const std::size_t used = answer(data, count, answers);
        if (used != count) partial_.append(data + used, count - used);
    }

private:
    static char* scratch() {
        static thread_local const auto memory = std::make_unique<char[]>(scratch_bytes);
        return memory.get();
    }
    static std::size_t frame_size(const char* header) noexcept {
        std::uint32_t length = 0;
        std::memcpy(&length, header, sizeof length);
        return header_bytes + __builtin_bswap32(length);
    }
    std::size_t missing() const noexcept {
        if (framing_ == framing_by_hand::lines || partial_.size() < header_bytes) return 0;
        return frame_size(partial_.data()) - partial_.size();
    }
    // Answers the whole messages among `count` bytes, and returns how many bytes these messages have.
    std::size_t answer(const char* data, std::size_t count, byte_pile& answers) {
        std::size_t used = 0;
        if (framing_ == framing_by_hand::len32) {
            while (count - used >= header_bytes) {
                const std::size_t size = frame_size(data + used);
                if (size > count - used) break;
                answers.append(data + used, size);
                used += size;
            }
            return used;
        }
        std::size_t from = searched_;
        while (from < count) {
            const void* const found = std::memchr(data + from, '\n', count - from);
            if (found == nullptr) break;
            from = static_cast<std::size_t>(static_cast<const char*>(found) - data) + 1;
            answers.append(data + used, from - used);
            used = from;
        }
        searched_ = count - used;
        return used;
    }

    framing_by_hand framing_;
    std::size_t searched_ = 0;  // the bytes of a partial line that were searched
    byte_pile partial_;
};

}  // namespace bench
