// weir's own decoder and encoder as a subject of the laws.
#include "weir/framing/laws/subject.h"

#include <algorithm>

#include "weir/framing/decoder_memory.h"

namespace weir::laws {
namespace {

// True when the decoder never accepts an unstuffed byte that the encoder would have stuffed. This holds when only the
// escape byte and the end mark have escapes.
bool stuffed_never_come_bare(const description& fields) {
    return std::all_of(fields.escapes.begin(), fields.escapes.end(), [&](const substitution& one) {
        return one.plain == one.wire.view().first(1) || one.plain == fields.marks[0];
    });
}

// True when the decoder ignores no byte of a header.
bool reads_header(const description& fields) {
    switch (fields.header) {
        case header_rule::keep: return true;
        case header_rule::after: break;
        case header_rule::strip:
            if (fields.after != 0) return false;
            break;
    }
    return fields.offset == fields.magic.size() && fields.when_short == short_rule::reject;
}

class own_subject final : public subject {
public:
    explicit own_subject(const framing& described) : decoder_(described), encoder_(described) {}

    std::unique_ptr<subject> fresh() const override { return std::make_unique<own_subject>(encoder_.described()); }
    std::unique_ptr<subject> copy() const override { return std::make_unique<own_subject>(*this); }
    bool same_state(const subject& other) const override {
        return decoder_ == static_cast<const own_subject&>(other).decoder_;
    }
    void feed(bytes_view input) override { decoder_.feed(input); }
    void finish() override { decoder_.finish(); }
    void gap() override { decoder_.gap(); }
    decoder::event next() override { return decoder_.next(); }
    errc failure() const override { return decoder_.failure().code(); }
    std::uint64_t failed_at() const override { return decoder_.failed_at(); }
    std::size_t held() const override { return decoder_memory::held(decoder_); }
    std::uint64_t looked() const override { return decoder_.looked(); }
    result<void> encode(bytes_view payload, buffer& out) const override { return encoder_.encode(payload, out); }
    std::uint64_t limit() const override { return encoder_.limit(); }
    std::size_t overhead() const override {
        const description& fields = encoder_.described().fields();
        const format& machine = encoder_.described().machine();
        if (fields.kind == framing_kind::header) return most_header_bytes + 1 + fields.check_bytes();
        if (fields.kind == framing_kind::custom) {
            return 2 * (most_header_bytes + fields.check_bytes()) + (machine.stuffs() ? fields.limit() : 0);
        }
        std::size_t longest_mark = 2;  // CR LF
        for (const auto& mark : fields.marks) longest_mark = std::max(longest_mark, mark.size());
        return fields.offset + 20 + fields.length_end.size() + fields.after + fields.trailer.size() +
               fields.start.size() + longest_mark + 2 * fields.check_bytes() +
               (fields.escapes.empty() ? 0 : fields.limit());
    }
    // A header that arrived in pieces is read once more when it is whole. A search for the end of a partial message may
    // examine bytes after the end, which then go back to the input. A line over the limit is searched again while it is
    // skipped or streamed.
    std::uint64_t most_looks() const override {
        switch (encoder_.described().fields().kind) {
            case framing_kind::lines: return 3;
            case framing_kind::custom:
            case framing_kind::delimited:
            case framing_kind::length:
            case framing_kind::ber:
            case framing_kind::decimal:
            case framing_kind::hex:
            case framing_kind::digits: return 2;
            case framing_kind::varint:
            case framing_kind::netstring: return 1;
            case framing_kind::fixed:
            case framing_kind::record:
            case framing_kind::chunks:
            case framing_kind::idle: return 0;  // the sizes are known, or only the end of the input ends a message
            default: return laws::most_looks;
        }
    }
    sensitivity depends_on() const override {
        switch (encoder_.described().fields().kind) {
            case framing_kind::chunks: return sensitivity::cuts;
            case framing_kind::idle: return sensitivity::gaps;
            default: return sensitivity::nothing;
        }
    }
    bool reads_all() const override {
        const description& fields = encoder_.described().fields();
        return (encoder_.described().machine().reads_all() || fields.header == header_rule::keep) &&
               reads_header(fields) && !fields.overlong_allowed && fields.marks.size() <= 1 &&
               fields.empty != empty_rule::skip && stuffed_never_come_bare(fields);
    }
    bool writes_one_way() const override {
        const description& fields = encoder_.described().fields();
        switch (fields.kind) {
            case framing_kind::lines: return fields.crlf;
            case framing_kind::custom:
            case framing_kind::chunks:
            case framing_kind::idle: return false;
            default: return reads_all();
        }
    }
    std::size_t checksum_bytes() const override {
        const description& fields = encoder_.described().fields();
        switch (fields.kind) {
            case framing_kind::length:
            case framing_kind::varint:
            case framing_kind::ber:
            case framing_kind::decimal:
            case framing_kind::hex:
            case framing_kind::digits:
            case framing_kind::fixed:
            case framing_kind::record: return fields.trailer.empty() ? fields.check_bytes() : 0;
            default: return 0;  // others have bytes after the checksum, or stuff it
        }
    }
    std::unique_ptr<subject> generous() const override {
        description fields = encoder_.described().fields();
        if (fields.oversize == oversize_rule::close || fields.header != header_rule::strip ||
            fields.kind == framing_kind::custom)
            return nullptr;
        fields.oversize = oversize_rule::close;
        fields.max = std::nullopt;
        const auto larger = framing::make(std::move(fields));
        return larger ? subject_of(*larger) : nullptr;
    }
    std::string name() const override { return encoder_.described().to_string(); }

private:
    decoder decoder_;
    encoder encoder_;
};

}  // namespace

std::unique_ptr<subject> subject_of(const framing& described) { return std::make_unique<own_subject>(described); }

}  // namespace weir::laws
