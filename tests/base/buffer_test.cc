// The buffer: bytes at the front, bytes at the back, and growth to large sizes.
#include "weir/base/buffer.h"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

using weir::buffer;
using weir::bytes_view;

namespace {

// Copying a buffer may throw and moving it may not, so the same is true of a class with a buffer as a member.
static_assert(!std::is_nothrow_copy_assignable_v<buffer> && std::is_nothrow_move_assignable_v<buffer>);

std::string counting(std::size_t size) {
    std::string made(size, ' ');
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + (i + i / 253) % 26);
    return made;
}

}  // namespace

TEST_CASE("prepended bytes come before all others, whether there is room in front or not") {
    for (const std::size_t consumed : {0U, 1U, 2U, 3U, 60U}) {
        for (const std::size_t behind : {0U, 1U, 4U, 64U, 70'000U}) {
            CAPTURE(consumed);
            CAPTURE(behind);
            buffer one;
            one.append(std::string(consumed, 'x'));
            const std::string content = counting(behind);
            one.append(content);
            one.consume(consumed);
            one.prepend("");
            one.prepend("ab");
            one.prepend("1");
            CHECK(one.view() == bytes_view("1ab" + content));
            one.append("z");
            CHECK(one.view() == bytes_view("1ab" + content + "z"));
        }
    }
}

TEST_CASE("a buffer keeps its bytes while it grows large, is copied, moved and released") {
    const std::string part = counting(100'003);
    for (const std::size_t consumed : {std::size_t{0}, std::size_t{7}, part.size()}) {
        CAPTURE(consumed);
        buffer one;
        std::string expected;
        for (int i = 0; i < 40; ++i) {
            one.append(part);
            expected += part;
            if (i % 8 != 0) continue;
            one.consume(consumed);
            expected.erase(0, consumed);
        }
        CHECK(one.view() == bytes_view(expected));
        buffer copy(one);
        buffer moved(std::move(one));
        CHECK(copy.view() == moved.view());
        copy = moved;
        moved.release();
        CHECK(moved.capacity() == 0);
        CHECK(copy.view() == bytes_view(expected));
        moved.append("small again");
        copy = moved;
        CHECK(copy.view() == bytes_view("small again"));
    }
}
