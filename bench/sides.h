// The two sides of each comparison: a loop written by hand for one framing, and weir's decoder or encoder. A `Bare` has
//
//     split(at, end, consumer)    passes each whole message of [at, end) to the consumer; returns where the rest
//                                 begins, or null for malformed input
//     put(at, message)            writes the frame at `at`, at most message.size() + overhead bytes; returns its end
//
// This file also makes the rows of the table. Only rows whose name contains `wanted_name` are run.
#pragma once

#include <string>

#include "bench/measure.h"
#include "bench/stream.h"
#include "weir/base/buffer.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"

namespace bench {

using weir::decoder;
using weir::encoder;
using weir::framing;

template <class Bare, class Consumer>
[[gnu::noinline]] Consumer split_bare(const stream& input, unsigned passes, Consumer to) {
    for (; passes != 0; --passes) {
        forget();
        const std::byte* const rest = Bare::split(input.wire.data(), input.wire.view().end(), to);
        WEIR_CHECK(rest == input.wire.view().end(), "the input is whole messages");
    }
    return to;
}

template <class Consumer>
inline void drain(decoder& decode, Consumer& to) {
    auto step = decode.next();
    for (; step.what == decoder::message; step = decode.next()) to.take(step.payload.data(), step.payload.size());
    WEIR_CHECK(step.what == decoder::more, "the input has no error");
}

template <class Consumer>
[[gnu::noinline]] Consumer split_weir(const framing& described, const stream& input, unsigned passes, Consumer to) {
    decoder decode(described);
    for (; passes != 0; --passes) {
        forget();
        decode.feed(input.wire);
        drain(decode, to);
    }
    return to;
}

template <class Bare>
[[gnu::noinline]] void encode_bare(const stream& sent, unsigned passes) {
    bytes room(sent.wire.size() + Bare::overhead + sent.longest());
    const std::byte* const end = room.data() + room.size();
    std::byte* at = room.data();
    for (; passes != 0; --passes) {
        forget();
        at = room.data();
        for (const bytes& message : sent.messages) {
            if (message.size() + Bare::overhead > static_cast<std::size_t>(end - at)) break;
            at = Bare::put(at, message);
        }
    }
    WEIR_CHECK(bytes_view(room.data(), static_cast<std::size_t>(at - room.data())) == sent.wire.view(), "wrong frames");
}

[[gnu::noinline]] inline void encode_weir(const framing& described, const stream& sent, unsigned passes) {
    const encoder encode(described);
    weir::buffer room;
    for (; passes != 0; --passes) {
        forget();
        room.clear();
        for (const bytes& message : sent.messages) WEIR_CHECK(encode.encode(message, room), "refused");
    }
    WEIR_CHECK(room.view() == sent.wire.view(), "wrong frames");
}

// ---- the table ----

inline bool everything_good = true;
inline std::string wanted_name;  // only rows whose name contains it

// `bare` and `weir` are called with the stream, a number of passes and a consumer.
template <class Bare, class Weir>
void compare_on(const std::string& name, const stream& input, goal wanted, Bare bare, Weir weir) {
    if (name.find(wanted_name) == std::string::npos) return;
    constexpr unsigned few = 3;
    const std::size_t expected = few * input.messages.size();
    WEIR_CHECK(bare(input, few, comparer(input)).count() == expected, "the bare loop lost messages");
    WEIR_CHECK(weir(input, few, comparer(input)).count() == expected, "weir lost messages");
    const auto checked = [&input](auto& side) {
        return [&input, &side](unsigned passes) {
            WEIR_CHECK(side(input, passes, tally()).sum == passes * input.sum.sum, "the sum of the messages is wrong");
        };
    };
    const comparison seen = compare(checked(bare), checked(weir));
    everything_good &= print_row(name, seen, input.messages.size(), wanted);
}

template <class Bare>
void compare_whole(const std::string& name, const framing& described, const stream& input, goal wanted = {}) {
    const std::string size = ", " + std::to_string((input.wire.size() + 1023) >> 10) + " KiB";
    compare_on(
        name + size, input, wanted,
        [](const stream& in, unsigned passes, auto to) { return split_bare<Bare>(in, passes, to); },
        [&](const stream& in, unsigned passes, auto to) { return split_weir(described, in, passes, to); });
}

template <class Bare>
void compare_encoding(const std::string& name, const framing& described, const stream& sent) {
    if (name.find(wanted_name) == std::string::npos) return;
    const comparison seen = compare([&](unsigned passes) { encode_bare<Bare>(sent, passes); },
                                    [&](unsigned passes) { encode_weir(described, sent, passes); });
    everything_good &= print_row(name, seen, sent.messages.size(), {});
}

}  // namespace bench
