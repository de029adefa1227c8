// weir/loop/send_queue.h: copied bytes and shared blocks in one queue. A string is the model.
#include "weir/loop/send_queue.h"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

#include "weir/base/internal/random.h"

using namespace weir;

namespace {

using text_block = std::shared_ptr<std::string>;

std::string all_of(const send_queue& queue) {
    std::string all;
    std::array<bytes_view, 256> parts;
    const std::size_t count = queue.parts(parts);
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(!parts[i].empty());
        all += parts[i].text();
    }
    return all;
}

void append_shared(send_queue& queue, const text_block& block) { queue.append(bytes_view(*block), block); }

}  // namespace

TEST_CASE("a queue of bytes and blocks contains exactly the bytes that were appended and not consumed") {
    internal::random_source draw(1);
    send_queue queue;
    std::string model;
    char letter = 'a';
    const auto some = [&](std::size_t most) {
        letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
        return std::string(1 + draw.below(most), letter);
    };
    for (int step = 0; step < 20'000; ++step) {
        switch (draw.below(model.size() > 2000 ? 5 : 8)) {
            case 0:
            case 1:
            case 2: {
                const std::size_t count = draw.below(model.size() + 1);
                queue.consume(count);
                model.erase(0, count);
                break;
            }
            case 3:
                if (draw.one_in(20)) {
                    queue.clear();
                    model.clear();
                }
                break;
            case 4:
                if (draw.one_in(20)) {
                    queue.join();
                    CHECK(!queue.has_blocks());
                    CHECK(queue.bytes().view().text() == model);
                }
                break;
            case 5:
            case 6: {
                const auto block = std::make_shared<std::string>(some(100));
                append_shared(queue, block);
                model += *block;
                break;
            }
            default: {
                const std::string bytes = some(50);
                queue.bytes().append(bytes);
                model += bytes;
                break;
            }
        }
        if (draw.one_in(50)) {
            send_queue moved = std::move(queue);
            CHECK(queue.empty());
            queue.swap(moved);
        }
        REQUIRE(queue.size() == model.size());
        REQUIRE(queue.empty() == model.empty());
        REQUIRE(all_of(queue) == model);
    }
}

TEST_CASE("a queue refers to a block until the last byte of the block is consumed, and then releases it") {
    send_queue queue;
    const auto block = std::make_shared<std::string>(100, 'x');
    append_shared(queue, block);
    append_shared(queue, block);
    queue.append({}, block);  // no bytes, so no reference is kept
    CHECK(block.use_count() == 3);
    CHECK(queue.size() == 200);
    CHECK(queue.memory() >= 200);
    queue.consume(199);
    CHECK(block.use_count() == 2);
    queue.consume(1);
    CHECK(block.use_count() == 1);
    append_shared(queue, block);
    queue.join();
    CHECK(block.use_count() == 1);
    append_shared(queue, block);
    queue.release();
    CHECK(block.use_count() == 1);
    CHECK(queue.memory() == 0);
}

TEST_CASE("parts() returns the first parts, as many as fit in the given array") {
    send_queue queue;
    queue.bytes().append("one");
    append_shared(queue, std::make_shared<std::string>("two"));
    append_shared(queue, std::make_shared<std::string>("three"));
    queue.bytes().append("four");
    std::array<bytes_view, 3> parts;
    REQUIRE(queue.parts(parts) == 3);
    CHECK(parts[0].text() == "one");
    CHECK(parts[1].text() == "two");
    CHECK(parts[2].text() == "three");
    queue.consume(4);
    REQUIRE(queue.parts(parts) == 3);
    CHECK(parts[0].text() == "wo");
    CHECK(parts[2].text() == "four");
    CHECK(queue.parts({}) == 0);
}

TEST_CASE("a queue that is never empty does not use more and more memory") {
    send_queue queue;
    const auto block = std::make_shared<std::string>(10, 'x');
    for (int i = 0; i < 3; ++i) append_shared(queue, block);
    for (int i = 0; i < 10'000; ++i) {
        append_shared(queue, block);
        queue.consume(10);
    }
    CHECK(queue.size() == 30);
    CHECK(queue.memory() < 2000);
    queue.release();
    CHECK(queue.memory() == 0);
}
