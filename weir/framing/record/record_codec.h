// Packs a struct of the program as a record. The format defines the place of each member in the bytes, and is checked
// against the types of the members.
//
//     struct reading {
//         std::uint32_t id;
//         std::array<char, 16> name;
//         float value;
//     };
//     constexpr auto codec = weir::record("!I16sf", &reading::id, &reading::name, &reading::value);
//
//     int main() {
//         auto listener = weir::listen_on("127.0.0.1:9000");
//         if (!listener) return listener.error().print();
//         auto accepted = listener->accept();
//         if (!accepted) return accepted.error().print();
//         weir::blocking_channel client(std::move(accepted->connection), weir::framing::record(codec.format()));
//         while (auto message = client.receive()) {
//             auto measured = codec.unpack(*message);
//             if (!measured) return measured.error().print();
//             std::cout << measured->id << ": " << measured->value << '\n';
//         }
//     }
//
//     codes          members
//     b h i l q      signed integers of 1 2 4 4 8 bytes, and enums of them          B H I L Q   unsigned
//     f d            float, double         e     float, which is rounded
//     ?              bool                  c     char, std::byte
//     16s            std::array or C array of 16 char, unsigned char or std::byte: all its bytes
//     16s 16p        std::string: for s up to the first zero byte; for p as many bytes as the length byte gives
//     3H             one array of 3, or 3 members
//
// unpack() returns what pack() accepted, except that a half float is rounded. pack() therefore refuses a std::string
// that is longer than its field, and for s also one that contains a zero byte; Python and record_layout accept both.
// Members of other types, and a format with more or fewer values than members, do not compile.
#pragma once

#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/framing/record/internal/record_format.h"
#include "weir/framing/record/internal/record_number.h"
#include "weir/framing/record/internal/record_plan.h"

namespace [[gnu::visibility("default")]] weir {

// Packs and unpacks objects of one struct. record() and parse_record() make a codec. A codec refers to the text of the
// format, which must outlive it. Thread safety: a value, immutable.
template <class Struct, class... Members>
class record_codec {
public:
    using plan = internal::record_plan<sizeof...(Members)>;  // for the library

    // For the library. Programs call weir::record().
    constexpr record_codec(const plan& checked, Members Struct::*... members) : plan_(checked), members_(members...) {}

    // The size of a record in bytes.
    constexpr std::size_t size() const noexcept { return plan_.size; }
    // The format, for weir::framing::record().
    constexpr std::string_view format() const noexcept { return plan_.format; }

    // Appends size() bytes to `out`; after an error nothing is appended. The error is unencodable; it names the member
    // whose text does not fit or whose half float is out of range. Allocates only when `out` must grow.
    result<void> pack(const Struct& from, buffer& out) const {
        std::byte* const begin = out.prepare(plan_.size).data();
        if (plan_.size != 0) std::memset(begin, 0, plan_.size);
        std::size_t member = 0;
        if (const char* why = put_all(from, begin, member, numbers())) {
            return internal::record_unencodable(plan_.format, member + 1, plan_.places[member], why);
        }
        out.commit(plan_.size);
        return {};
    }

    // Writes every member of `into`. The error is malformed when `content` has another size; then no member is written.
    // Allocates only for a std::string whose capacity is too small.
    result<void> unpack(bytes_view content, Struct& into) const {
        if (content.size() != plan_.size) return internal::record_wrong_size(plan_.format, content.size(), plan_.size);
        take_all(into, content.data(), numbers());
        return {};
    }
    result<Struct> unpack(bytes_view content) const {
        Struct made{};
        if (auto done = unpack(content, made); !done) return done.error();
        return made;
    }

private:
    using numbers = std::index_sequence_for<Members...>;

    // Stops at the first member that cannot be packed, and stores its index in `member`.
    template <std::size_t... i>
    const char* put_all(const Struct& from, std::byte* begin, std::size_t& member, std::index_sequence<i...>) const {
        const char* why = nullptr;
        static_cast<void>(
            ((member = i, why = put(from.*std::get<i>(members_), plan_.places[i], begin), why == nullptr) && ...));
        return why;
    }
    template <std::size_t... i>
    void take_all(Struct& into, const std::byte* begin, std::index_sequence<i...>) const {
        (take(into.*std::get<i>(members_), plan_.places[i], begin), ...);
    }

    // Returns why the member cannot be packed, or null.
    template <class Member>
    const char* put(const Member& member, const internal::record_place& place, std::byte* begin) const {
        std::byte* const at = begin + place.offset;
        if constexpr (std::is_same_v<Member, std::string>) {
            return internal::put_record_text(member, place, at);
        } else if constexpr (internal::record_array<Member>) {
            if (place.code == 's') {
                std::memcpy(at, &member[0], sizeof member);
                return nullptr;
            }
            const char* why = nullptr;
            std::size_t i = 0;
            for (const auto& one : member) {
                if (why == nullptr) why = put_one(one, place, at + place.size * i++);
            }
            return why;
        } else {
            return put_one(member, place, at);
        }
    }

    template <class Member>
    const char* put_one(const Member& member, const internal::record_place& place, std::byte* at) const {
        if constexpr (std::is_same_v<Member, float>) {
            if (place.code == 'e') {
                const auto half = internal::half_of(double{member});
                if (!half) return "out of range, which for a half float is -65504 to 65504";
                internal::put_number(at, *half, plan_.order);
                return nullptr;
            }
        }
        internal::put_number(at, internal::record_bits(member), plan_.order);
        return nullptr;
    }

    template <class Member>
    void take(Member& member, const internal::record_place& place, const std::byte* begin) const {
        const std::byte* const at = begin + place.offset;
        if constexpr (std::is_same_v<Member, std::string>) {
            member.assign(internal::record_text(place, at));
        } else if constexpr (internal::record_array<Member>) {
            if (place.code == 's') {
                std::memcpy(&member[0], at, sizeof member);
                return;
            }
            std::size_t i = 0;
            for (auto& one : member) take_one(one, place, at + place.size * i++);
        } else {
            take_one(member, place, at);
        }
    }

    template <class Member>
    void take_one(Member& member, const internal::record_place& place, const std::byte* at) const {
        if constexpr (std::is_same_v<Member, bool>) {
            member = *at != std::byte{};  // any byte except zero is true, but a bool may only hold 0 or 1
        } else if constexpr (std::is_same_v<Member, float>) {
            member =
                place.code == 'e'
                    ? static_cast<float>(internal::from_half(internal::take_number<std::uint16_t>(at, plan_.order)))
                    : std::bit_cast<float>(internal::take_number<std::uint32_t>(at, plan_.order));
        } else {
            using bits = decltype(internal::record_bits(member));
            member = std::bit_cast<Member>(internal::take_number<bits>(at, plan_.order));
        }
    }

    plan plan_;
    std::tuple<Members Struct::*...> members_;
};

namespace internal {
// The format argument of record(): a text that is known at compile time, and that is checked then against the types of
// the members. A mismatch does not compile. The first error of g++, or the first note of clang, names the mismatch,
// with the sentence that explains it.
template <class... Members>
struct record_text_for {
    static_assert(
        ((record_shape_of<Members>().what != record_shape::none) && ...),
        "a member of a record is a number, bool, char, std::byte, enum of them, array of them or std::string");

    consteval record_text_for(const char* format) : plan(format, {record_shape_of<Members>()...}) {}

    record_plan<sizeof...(Members)> plan;
};
}  // namespace internal

// Makes a codec for the members of one struct, in the order of the format. See the example at the top of this file.
template <class Struct, class... Members>
constexpr record_codec<Struct, Members...> record(std::type_identity_t<internal::record_text_for<Members...>> format,
                                                  Members Struct::*... members) {
    return {format.plan, members...};
}

// The same for a text that is known only at run time. The error is malformed; it names what is wrong in the format, or
// the member that does not match. The text must outlive the codec.
template <class Struct, class... Members>
result<record_codec<Struct, Members...>> parse_record(std::string_view format, Members Struct::*... members) {
    const internal::record_plan<sizeof...(Members)> plan(format, {internal::record_shape_of<Members>()...});
    if (plan.flaw) return error(errc::malformed, "record", std::string(format), plan.flaw.sentence(format));
    return record_codec<Struct, Members...>(plan, members...);
}

}  // namespace weir
