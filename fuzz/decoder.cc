// A random framing, then a random stream: frames of random messages, or any bytes. All laws must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "weir/framing/laws.h"

namespace {

// The input as a row of choices; zeros when it is used up.
class choices {
public:
    choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

    std::uint8_t below(unsigned bound) { return static_cast<std::uint8_t>(byte() % bound); }
    bool flip() { return (byte() & 1) != 0; }
    bool left() const { return used_ < size_; }
    weir::bytes take(std::size_t count) {
        count = std::min(count, size_ - used_);
        weir::bytes taken(weir::bytes_view(reinterpret_cast<const std::byte*>(data_ + used_), count));
        used_ += count;
        return taken;
    }

private:
    std::uint8_t byte() { return used_ < size_ ? data_[used_++] : std::uint8_t{0}; }

    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t used_ = 0;
};

void describe_prefix(choices& from, weir::description& fields) {
    constexpr std::uint8_t widths[] = {1, 1, 2, 3, 4, 8};
    fields.width = widths[from.below(6)];
    fields.order = static_cast<weir::byte_order>(from.below(2));
    fields.offset = from.flip() ? from.below(5) : 0;
    fields.counts = static_cast<weir::counts_rule>(from.below(4));
    fields.keep_header = from.flip();
    fields.overlong_allowed = fields.kind == weir::framing_kind::varint && from.flip();
    if (from.flip()) fields.magic = from.take(from.below(4));
}

void describe_marks(choices& from, weir::description& fields) {
    for (int more = from.below(3); more >= 0; --more) fields.marks.push_back(from.take(1u + from.below(3)));
    if (from.flip()) fields.start = from.take(from.below(3));
    if (!from.flip()) return;
    const weir::bytes lead = from.take(1);
    if (lead.empty()) return;
    for (int more = from.below(3); more >= 0; --more) {
        weir::substitution one(lead, more == 0 ? lead : from.take(1));
        one.wire.append(from.take(1));
        fields.escapes.push_back(std::move(one));
    }
}

// `idle` and `chunks` depend on the cuts, and so are no subjects of these laws.
weir::description describe(choices& from) {
    using kind = weir::framing_kind;
    constexpr kind kinds[] = {kind::lines, kind::delimited, kind::fixed, kind::length, kind::varint, kind::netstring};
    weir::description fields(kinds[from.below(6)]);
    fields.crlf = fields.kind == kind::lines && from.flip();
    if (fields.kind == kind::lines) fields.end = static_cast<weir::end_rule>(from.below(2));
    if (fields.kind == kind::delimited) describe_marks(from, fields);
    if (fields.kind == kind::length || fields.kind == kind::varint) describe_prefix(from, fields);
    if (fields.kind == kind::fixed) fields.size = 1u + from.below(9);
    if (fields.kind != kind::fixed) {
        if (from.flip()) fields.max = from.below(20);
        fields.oversize = static_cast<weir::oversize_rule>(from.below(3));
        fields.empty_allowed = !from.flip();
    }
    if (from.flip()) {
        fields.checksum = static_cast<weir::checksum_kind>(from.below(7));
        if (from.flip()) fields.cover = from.below(4);
        if (from.flip()) fields.check_order = static_cast<weir::byte_order>(from.below(2));
    }
    return fields;
}

void demand(const weir::laws::broken_law& broken) {
    if (!broken) return;
    std::fprintf(stderr, "%s\n", broken->c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    choices from(data, size);
    const auto made = weir::framing::make(describe(from));
    if (!made) return 0;
    const auto tested = weir::laws::subject_of(*made);
    weir::laws::effort effort;
    effort.every_cut_bytes = 6;
    effort.few_pieces_bytes = 12;
    effort.random_cuts = 6;
    effort.every_pair_bytes = 12;
    effort.seed = from.below(255);
    weir::bytes stream;
    if (from.flip()) {
        std::vector<weir::bytes> messages;
        while (from.left() && messages.size() < 20) messages.push_back(from.take(from.below(24)));
        demand(weir::laws::round_trip(*tested, messages));
        weir::buffer frames;
        for (const auto& message : messages) static_cast<void>(tested->encode(message, frames));
        stream = weir::bytes(frames.view());
    } else {
        stream = from.take(SIZE_MAX);
    }
    demand(weir::laws::closure(*tested, stream));
    demand(weir::laws::segmentation(*tested, stream, effort));
    demand(weir::laws::confluence(*tested, stream, effort));
    demand(weir::laws::bounded(*tested, stream));
    return 0;
}
