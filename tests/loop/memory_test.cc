// weir/loop/loop_memory.h and the intrusive list: lent blocks are returned and reused, and queries change nothing.
#include <doctest/doctest.h>

#include <optional>
#include <string_view>
#include <vector>

#include "weir/loop/internal/intrusive_list.h"
#include "weir/loop/loop_memory.h"

using namespace weir;

namespace {

constexpr std::size_t largest = internal::block_pool::largest_bytes;

struct numbered final : internal::list_item<numbered> {
    explicit numbered(int of) : number(of) {}
    int number;
};

std::vector<int> numbers(const internal::intrusive_list<numbered>& list) {
    std::vector<int> found;
    list.for_each([&](const numbered& one) { found.push_back(one.number); });
    return found;
}

}  // namespace

TEST_CASE("memory is lent in the smallest block that is large enough; larger requests get their own allocation") {
    loop_memory memory;
    CHECK(memory.lend(0).capacity() == 4096);
    CHECK(memory.lend(4096).capacity() == 4096);
    CHECK(memory.lend(4097).capacity() == 16'384);
    CHECK(memory.lend(largest).capacity() == largest);
    const borrowed_buffer own = memory.lend(largest + 1);
    CHECK(own.capacity() == largest + 1);
    CHECK(memory.blocks().borrowed_bytes() == largest + 1);
}

TEST_CASE("memory that was lent is returned, and a block is lent again") {
    loop_memory memory;
    borrowed_buffer one = memory.lend_a_copy(bytes_view("hello"));
    CHECK(one.view() == bytes_view("hello"));
    const std::byte* const place = one.data();
    one.give_back();
    CHECK(memory.blocks().borrowed_bytes() == 0);
    CHECK(memory.lend_a_copy({}).empty());
    const borrowed_buffer next = memory.lend(100);
    CHECK(next.view().data() == place);
}

TEST_CASE("a query returns the capacity that take() would return, without taking a buffer") {
    loop_memory memory;
    internal::spare_buffers& spares = memory.spares();
    CHECK(spares.capacity_for(100) == 0);
    CHECK(spares.capacity_for(200'000) == 0);
    for (const std::size_t size : {std::size_t{1000}, std::size_t{300'000}, std::size_t{200'000}}) {
        buffer one;
        one.prepare(size);
        spares.keep(one);
    }
    for (const std::size_t wanted :
         {std::size_t{0}, std::size_t{100'000}, std::size_t{250'000}, std::size_t{900'000}}) {
        const std::size_t expected = spares.capacity_for(wanted);
        CHECK(spares.capacity_for(wanted) == expected);
        buffer taken = spares.take(wanted);
        CHECK(taken.capacity() == expected);
        CHECK((wanted == 900'000) == (expected == 0));
        spares.keep(taken);
    }
}

TEST_CASE("an intrusive list keeps its order, and destroying an item removes it from the list") {
    internal::intrusive_list<numbered> list;
    numbered first(1);
    numbered second(2);
    std::optional<numbered> front(0);
    list.push(first);
    list.push(second);
    list.push_front(*front);
    CHECK(numbers(list) == std::vector{0, 1, 2});
    front.reset();
    CHECK(numbers(list) == std::vector{1, 2});
    list.remove(first);
    CHECK_FALSE(first.is_listed());
    CHECK(numbers(list) == std::vector{2});
    {
        internal::intrusive_list<numbered> other;
        other.push(first);
        list.append(other);
        CHECK(other.empty());
    }
    CHECK(numbers(list) == std::vector{2, 1});
    CHECK(list.pop() == &second);
    CHECK(list.first() == &first);
    CHECK(list.pop() == &first);
    CHECK(list.pop() == nullptr);
}
