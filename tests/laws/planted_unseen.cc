#include "tests/laws/planted_unseen.h"

#include <algorithm>
#include <string>
#include <utility>

namespace planted {
namespace {

using weir::bytes_view;
using weir::decoder;
using weir::errc;

enum class bug {
    none,
    // The length is read as a signed 16-bit number, and replaced by 0 when it is negative: a length from 0x8000 is an
    // empty message.
    signed_length,
    // The limit is checked if the length is whole in the input, but not if it arrived in two pieces.
    no_limit_when_split,
    // The decoder accepts a message of one byte over the limit; the encoder does not.
    limit_one_over,
    // If a length that arrived in two pieces is too large, the reported place is that of its second byte.
    place_of_second_half,
    // The place of an error is stored in 16 bits, so it is wrong after 64 KiB of the stream.
    narrow_place,
    // If a length arrives in two pieces and the input ends after it, the decoder waits for more bytes, although an
    // empty message is already complete.
    empty_waits,
    // The size of a partial message is not cleared. It is used for the next message if the length of that message is
    // partial.
    stale_size,
    // A copy shares the buffer of the partial message with its original.
    shallow_copy,
    // The end of the stream after a failure replaces the failure by "truncated".
    finish_replaces_failure,
    // Each piece of a partial message is joined with the previous pieces in a new buffer, so old bytes are copied each
    // time.
    joins_again,
    // The encoder writes the length before it refuses the payload as too large.
    refusal_leaves_length,
    // A stream that ends after the first byte of a length is not reported as truncated.
    end_in_length,
    // Empty input is taken for the end of the stream, as with read().
    empty_feed_is_end,
};

const char* word(bug which) {
    switch (which) {
        case bug::none: return "none";
        case bug::signed_length: return "signed_length";
        case bug::no_limit_when_split: return "no_limit_when_split";
        case bug::limit_one_over: return "limit_one_over";
        case bug::place_of_second_half: return "place_of_second_half";
        case bug::narrow_place: return "narrow_place";
        case bug::empty_waits: return "empty_waits";
        case bug::stale_size: return "stale_size";
        case bug::shallow_copy: return "shallow_copy";
        case bug::finish_replaces_failure: return "finish_replaces_failure";
        case bug::joins_again: return "joins_again";
        case bug::refusal_leaves_length: return "refusal_leaves_length";
        case bug::end_in_length: return "end_in_length";
        case bug::empty_feed_is_end: return "empty_feed_is_end";
    }
    return "?";
}

constexpr std::size_t header = 2;
constexpr std::size_t max = 60;

class short_messages final : public weir::laws::subject {
public:
    explicit short_messages(bug which) : bug_(which) { kept_->reserve(header + max); }

    std::unique_ptr<subject> fresh() const override { return std::make_unique<short_messages>(bug_); }
    std::unique_ptr<subject> copy() const override {
        auto other = std::make_unique<short_messages>(*this);
        if (bug_ != bug::shallow_copy) other->kept_ = std::make_shared<std::vector<std::byte>>(*kept_);
        return other;
    }
    bool same_state(const subject& other) const override {
        const auto* const that = dynamic_cast<const short_messages*>(&other);
        if (that == nullptr || bug_ != that->bug_ || code_ != that->code_) return false;
        if (code_ != errc::none) return place_ == that->place_;
        return *kept_ == *that->kept_ && fed_ == that->fed_ && finished_ == that->finished_;
    }

    void feed(bytes_view input) override {
        if (code_ != errc::none) return;
        if (bug_ == bug::empty_feed_is_end && input.empty()) finished_ = true;
        cursor_ = input.begin();
        end_ = input.end();
        fed_ += input.size();
    }
    void finish() override { finished_ = true; }

    decoder::event next() override {
        if (code_ != errc::none) {
            if (bug_ == bug::finish_replaces_failure && finished_) return fail(errc::truncated, fed_);
            return {decoder::failed};
        }
        if (spent_) {
            kept_->clear();
            if (bug_ != bug::stale_size) wanted_ = 0;
            spent_ = false;
        }
        if (rest() == 0) return starve();
        return kept_->empty() && rest() >= header ? whole() : partial();
    }

    errc failure() const override { return code_; }
    std::uint64_t failed_at() const override { return place_; }
    std::size_t held() const override { return spent_ ? 0 : kept_->size(); }
    std::uint64_t looked() const override { return looked_; }

    weir::result<void> encode(bytes_view payload, weir::buffer& out) const override {
        const std::byte length[header] = {static_cast<std::byte>(payload.size() >> 8),
                                          static_cast<std::byte>(payload.size())};
        if (bug_ == bug::refusal_leaves_length) out.append({length, header});
        if (payload.size() > max) return weir::error(errc::too_large, "encode");
        if (bug_ != bug::refusal_leaves_length) out.append({length, header});
        out.append(payload);
        return {};
    }
    std::uint64_t limit() const override { return max; }
    std::size_t overhead() const override { return 16; }
    std::string name() const override { return std::string("unseen ") + word(bug_); }

private:
    std::size_t rest() const { return static_cast<std::size_t>(end_ - cursor_); }

    // Decodes a frame that begins at the cursor, and whose whole length field is in the input.
    decoder::event whole() {
        if (!measure(cursor_, fed_ - rest(), false)) return {decoder::failed};
        if (rest() < wanted_) {
            keep(rest());
            return starve();
        }
        const bytes_view payload(cursor_ + header, wanted_ - header);
        cursor_ += wanted_;
        wanted_ = 0;
        return {decoder::message, payload};
    }

    // Decodes a frame that began in earlier input, or whose length field is not whole in the input.
    decoder::event partial() {
        if (wanted_ == 0) {
            while (kept_->size() < header && rest() != 0) keep(1);
            if (kept_->size() < header) return starve();
            const std::uint64_t begin = fed_ - rest() - kept_->size();
            if (!measure(kept_->data(), bug_ == bug::place_of_second_half ? begin + 1 : begin, true))
                return {decoder::failed};
            if (bug_ == bug::empty_waits && rest() == 0) return starve();
        }
        if (kept_->size() < wanted_) keep(std::min(wanted_ - kept_->size(), rest()));
        if (kept_->size() < wanted_) return starve();
        spent_ = true;
        return {decoder::message, {kept_->data() + header, wanted_ - header}};
    }

    bool measure(const std::byte* length, std::uint64_t place, bool is_partial) {
        looked_ += header;
        int size = std::to_integer<int>(length[0]) << 8 | std::to_integer<int>(length[1]);
        if (bug_ == bug::signed_length) size = std::max<int>(static_cast<std::int16_t>(size), 0);
        const std::size_t most = bug_ == bug::limit_one_over ? max + 1 : max;
        const bool limited = !(bug_ == bug::no_limit_when_split && is_partial);
        if (limited && static_cast<std::size_t>(size) > most) {
            fail(errc::too_large, place);
            return false;
        }
        wanted_ = header + static_cast<std::size_t>(size);
        return true;
    }

    void keep(std::size_t count) {
        if (bug_ == bug::joins_again) {
            looked_ += kept_->size();
            std::vector<std::byte> joined(*kept_);
            kept_->swap(joined);
        }
        kept_->insert(kept_->end(), cursor_, cursor_ + count);
        cursor_ += count;
        looked_ += count;
    }

    decoder::event starve() {
        if (!finished_) return {decoder::more};
        if (bug_ == bug::end_in_length && kept_->size() == 1) kept_->clear();
        return kept_->empty() ? decoder::event(decoder::end) : fail(errc::truncated, fed_);
    }

    decoder::event fail(errc code, std::uint64_t place) {
        code_ = code;
        place_ = bug_ == bug::narrow_place ? static_cast<std::uint16_t>(place) : place;
        kept_->clear();
        cursor_ = end_ = nullptr;
        return {decoder::failed};
    }

    bug bug_;
    std::shared_ptr<std::vector<std::byte>> kept_ =
        std::make_shared<std::vector<std::byte>>();  // the bytes of a partial frame
    const std::byte* cursor_ = nullptr;              // the unused input is [cursor_, end_)
    const std::byte* end_ = nullptr;
    std::size_t wanted_ = 0;  // the size of the frame with its header, once its length is known
    std::uint64_t fed_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t place_ = 0;
    errc code_ = errc::none;
    bool spent_ = false;  // the last event returned a view of the kept bytes
    bool finished_ = false;
};

}  // namespace

std::vector<std::unique_ptr<weir::laws::subject>> all_unseen_bugs() {
    std::vector<std::unique_ptr<weir::laws::subject>> all;
    for (int which = 1; which <= static_cast<int>(bug::empty_feed_is_end); ++which)
        all.push_back(std::make_unique<short_messages>(static_cast<bug>(which)));
    return all;
}

std::vector<std::unique_ptr<weir::laws::subject>> sound_unseen() {
    std::vector<std::unique_ptr<weir::laws::subject>> sound;
    sound.push_back(std::make_unique<short_messages>(bug::none));
    return sound;
}

}  // namespace planted
