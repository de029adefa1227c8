// Reads the format text of a record: its fields and their offsets. Also works at compile time. record.h and
// record_codec.h handle the values. Not for users.
//
//     !          I           16s                f           the format
//     big-endian |<- id: 4 ->|<- name: 16 ---->|<- 4 ->|    the bytes: no gaps between fields, except for x
#pragma once

#include <bit>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/framing/description.h"
#include "weir/framing/record/record_field.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// These functions are not constexpr on purpose: calling one at compile time is an error. The compiler then prints the
// name of the function, and next to it the sentence of the flaw.
void the_record_format_is_not_valid();
void the_record_format_has_fewer_values_than_members();
void the_record_format_has_more_values_than_members();
void a_member_has_another_type_or_size_than_the_record_format();

// What is wrong with a format, or with the members of its struct. `why` is null when nothing is wrong.
struct record_flaw {
    record_flaw() = default;
    constexpr record_flaw(void (&refused)(), const char* sentence, std::size_t at_character,
                          std::size_t of_member = 0) noexcept
        : why(sentence), character(at_character), member(of_member) {
        if (std::is_constant_evaluated()) refused();
    }

    const char* why = nullptr;
    std::size_t character = 0;  // number of the wrong character, from 1; 0 when the flaw is not in one character
    std::size_t member = 0;     // number of the wrong member, from 1; 0 when the flaw is not in one member

    constexpr explicit operator bool() const noexcept { return why != nullptr; }
    std::string sentence(std::string_view format) const;
};

// Returns the size in bytes of a value with this code: the standard size (Python's struct documentation, "Format
// Characters"). Returns 0 when there is no such code.
constexpr std::size_t record_code_bytes(char code) noexcept {
    switch (code) {
        case 'x':
        case 'c':
        case 'b':
        case 'B':
        case '?':
        case 's':
        case 'p': return 1;
        case 'h':
        case 'H':
        case 'e': return 2;
        case 'i':
        case 'I':
        case 'l':
        case 'L':
        case 'f': return 4;
        case 'q':
        case 'Q':
        case 'd': return 8;
        default: return 0;
    }
}

// Reads a format, field by field:
//
//     for (record_reader read(format); read.next();) use(read.field());
//
// Call flaw() after the loop. The text must outlive the reader. Thread safety: one thread at a time.
class record_reader {
public:
    constexpr explicit record_reader(std::string_view format) : format_(format) {
        const char first = format.empty() ? '\0' : format[0];
        const bool machine_is_little = std::endian::native == std::endian::little;
        order_ = first == '<' || (first == '=' && machine_is_little) ? byte_order::little : byte_order::big;
        if (first != '!' && first != '>' && first != '<' && first != '=') {
            flaw_ = {
                the_record_format_is_not_valid,
                "a record begins with its byte order: ! or > (big-endian) or < (little-endian), like record:!I16sf", 0};
        }
    }

    // Reads the next field. Returns false at the end, or after a flaw.
    constexpr bool next() {
        while (!flaw_ && at_ < format_.size()) {
            if (is_blank(format_[at_])) {
                ++at_;
                continue;
            }
            const bool counted = is_digit(format_[at_]);
            std::size_t count = counted ? 0 : 1;
            for (; at_ < format_.size() && is_digit(format_[at_]); ++at_) {
                count = count * 10 + static_cast<std::size_t>(format_[at_] - '0');
                if (count > most_record_bytes) count = most_record_bytes + 1;
            }
            if (read_code(count) && (field_.size * field_.count != 0 || field_.code == 's')) return true;
        }
        return false;
    }

    constexpr const record_field& field() const noexcept { return field_; }
    constexpr byte_order order() const noexcept { return order_; }
    // The size of the fields so far, in bytes.
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr const record_flaw& flaw() const noexcept { return flaw_; }

private:
    static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    static constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

    constexpr bool refuse(const char* why, std::size_t character = 0) {
        flaw_ = {the_record_format_is_not_valid, why, character};
        return false;
    }

    constexpr bool read_code(std::size_t count) {
        if (at_ == format_.size()) return refuse("the count at the end has no field after it");
        const char code = format_[at_++];
        const std::size_t size = record_code_bytes(code);
        if (is_blank(code))
            return refuse("a count and its field are written without a blank between them, like 4I", at_);
        if (code == 'n' || code == 'N' || code == 'P') return refuse("n, N and P have no standard size", at_);
        if (size == 0) return refuse("no such field; there are: x c b B ? h H i I l L q Q e f d s p", at_);
        if (code == 'p' && count == 0) return refuse("0p has no byte for its length", at_);
        if (count > most_record_bytes || count * size > most_record_bytes - size_) {
            return refuse("a record of more than 1 GiB");
        }
        const bool string = code == 's' || code == 'p';
        field_.code = code;
        field_.offset = size_;
        field_.size = string ? count : size;
        field_.count = string ? 1 : count;
        size_ += count * size;
        return true;
    }

    std::string_view format_;
    std::size_t at_ = 1;
    std::size_t size_ = 0;
    record_field field_;
    record_flaw flaw_;
    byte_order order_ = byte_order::big;
};

}  // namespace internal
}  // namespace weir
