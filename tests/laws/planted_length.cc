#include "tests/laws/planted_length.h"

#include <algorithm>
#include <cstring>

namespace planted {
namespace {

using weir::buffer;
using weir::bytes_view;
using weir::decoder;
using weir::errc;
using bug = length_bug;

// The width and byte order of the length field, and the limit.
struct shape {
    std::size_t width;
    bool big;
    std::size_t max;
};

constexpr shape len32{4, true, 200};
constexpr shape len16le{2, false, 200};
constexpr shape len16le_full{2, false, 65535};

struct planting {
    bug what;
    shape wire;
    const char* sentence;
};

constexpr planting all[] = {
    {bug::signed_length, len32, "compares a signed length with the limit"},
    {bug::short_length, len16le_full, "reads the length into a short"},
    {bug::total_wraps, len32, "adds header and length in 32 bits"},
    {bug::sign_extends, len16le, "extends the sign of the low byte"},
    {bug::limit_counts_header, len32, "counts the header against the limit"},
    {bug::split_unlimited, len32, "checks the limit only of frames in one piece"},
    {bug::place_in_piece, len32, "counts the place of an error from the last feed"},
    {bug::empty_waits, len16le, "holds an empty message back until another byte comes"},
    {bug::split_header_is_end, len32, "takes an end inside a header for a clean one"},
    {bug::third_piece_overwrites, len32, "mixes up a header that comes in three pieces"},
    {bug::drops_split_header, len16le, "drops a partial header behind a partial message"},
    {bug::truncation_overtakes, len32, "says truncated before it delivers what is whole"},
    {bug::grows_after_failure, len32, "collects bytes after a failure"},
    {bug::takes_announced_room, len32, "takes the announced room before the bytes come"},
    {bug::reads_header_again, len32, "reads the header again for every piece of the body"},
    {bug::copy_shares, len32, "shares partial bytes between copies"},
    {bug::equal_by_size, len32, "compares the number of partial bytes only"},
    {bug::length_left_over, len16le, "keeps the length of the last partial message"},
    {bug::encoder_cuts_length, {2, false, 100000}, "encodes the low 16 bits of a longer length"},
    {bug::encoder_field_limit, len16le, "encodes what is over the decoder's limit"},
    {bug::encoder_leaves_header, len32, "leaves a header in the output when it refuses"},
};

class length final : public weir::laws::subject {
public:
    length(bug planted, shape wire, std::string name) : name_(std::move(name)), wire_(wire), bug_(planted) {
        if (planted == bug::copy_shares)
            partial_->reserve(wire.width + wire.max);  // the memory never moves, so old views stay readable
    }

    std::unique_ptr<subject> fresh() const override { return std::make_unique<length>(bug_, wire_, name_); }
    std::unique_ptr<subject> copy() const override {
        auto twin = std::make_unique<length>(*this);
        if (bug_ != bug::copy_shares) twin->partial_ = std::make_shared<std::vector<std::byte>>(*partial_);
        return twin;
    }
    bool same_state(const subject& other) const override {
        const auto& twin = static_cast<const length&>(other);
        if (failure_ != twin.failure_ || failed_at_ != twin.failed_at_) return false;
        if (failure_ != errc::none) return true;
        const bool same_partial =
            bug_ == bug::equal_by_size ? partial_->size() == twin.partial_->size() : *partial_ == *twin.partial_;
        return same_partial && header_known_ == twin.header_known_ && body_ == twin.body_ && fed_ == twin.fed_ &&
               finished_ == twin.finished_;
    }

    void feed(bytes_view input) override {
        release();
        if (failure_ != errc::none) {
            if (bug_ == bug::grows_after_failure) partial_->insert(partial_->end(), input.begin(), input.end());
            return;
        }
        fed_before_ = fed_;
        fed_ += input.size();
        cursor_ = input.begin();
        end_ = input.end();
    }
    void finish() override {
        release();
        finished_ = true;
        if (bug_ == bug::truncation_overtakes && failure_ == errc::none && partial_->size() + rest() != 0) {
            fail(errc::truncated, fed_);
        }
    }
    decoder::event next() override;

    errc failure() const override { return failure_; }
    std::uint64_t failed_at() const override { return failed_at_; }
    std::size_t held() const override {
        if (lent_) return 0;
        if (bug_ == bug::takes_announced_room && header_known_) return wire_.width + static_cast<std::size_t>(body_);
        return partial_->size();
    }
    std::uint64_t looked() const override { return looked_; }
    weir::result<void> encode(bytes_view payload, buffer& out) const override;
    std::uint64_t limit() const override { return wire_.max; }
    std::size_t overhead() const override { return wire_.width; }
    std::string name() const override { return name_; }

private:
    std::size_t rest() const { return static_cast<std::size_t>(end_ - cursor_); }
    std::uint64_t frame_begin() const { return fed_ - rest() - partial_->size(); }

    // Frees the memory of the last message.
    void release() {
        if (!lent_) return;
        partial_->clear();
        lent_ = false;
    }
    void collect(std::uint64_t count) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(count, rest()));
        partial_->insert(partial_->end(), cursor_, cursor_ + most);
        cursor_ += most;
    }
    decoder::event fail(errc code, std::uint64_t at) {
        failure_ = code;
        failed_at_ = at;
        partial_->clear();
        cursor_ = end_;
        return decoder::failed;
    }

    std::uint64_t read_length(const std::byte* header);
    bool over_limit(std::uint64_t body, bool partial) const;
    bool header_ok(const std::byte* header, bool partial);
    decoder::event next_partial();
    decoder::event starve();

    // The partial frame with its header, or the frame of the last message. Only the bug copy_shares shares it.
    std::shared_ptr<std::vector<std::byte>> partial_ = std::make_shared<std::vector<std::byte>>();
    const std::byte* cursor_ = nullptr;
    const std::byte* end_ = nullptr;
    std::uint64_t body_ = 0;
    std::uint64_t fed_ = 0;
    std::uint64_t fed_before_ = 0;  // the bytes that were fed before the last feed()
    std::uint64_t looked_ = 0;
    std::uint64_t failed_at_ = 0;
    std::string name_;
    shape wire_;
    bug bug_;
    errc failure_ = errc::none;
    bool header_known_ = false;  // body_ contains the length of the partial frame
    bool lent_ = false;
    bool finished_ = false;
};

std::uint64_t length::read_length(const std::byte* header) {
    looked_ += wire_.width;
    if (bug_ == bug::sign_extends) {
        const int low = static_cast<signed char>(header[0]);
        return static_cast<std::uint16_t>(low | std::to_integer<int>(header[1]) << 8);
    }
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < wire_.width; ++i) {
        number = number << 8 | std::to_integer<std::uint64_t>(header[wire_.big ? i : wire_.width - 1 - i]);
    }
    return number;
}

bool length::over_limit(std::uint64_t body, bool partial) const {
    if (bug_ == bug::split_unlimited && partial) return false;
    if (bug_ == bug::signed_length) return static_cast<std::int32_t>(body) > static_cast<std::int32_t>(wire_.max);
    return body + (bug_ == bug::limit_counts_header ? wire_.width : 0) > wire_.max;
}

// Reads the length into body_. Returns false if the length is an error.
bool length::header_ok(const std::byte* header, bool partial) {
    const std::uint64_t begin = frame_begin();
    body_ = read_length(header);
    if (bug_ == bug::short_length && static_cast<std::int16_t>(body_) < 0) {
        fail(errc::malformed, begin);
        return false;
    }
    if (bug_ == bug::total_wraps) {
        const auto total = static_cast<std::uint32_t>(body_ + wire_.width);
        body_ = total < wire_.width ? 0 : total - wire_.width;
    }
    if (!over_limit(body_, partial)) {
        if (bug_ == bug::takes_announced_room) partial_->reserve(wire_.width + static_cast<std::size_t>(body_));
        return true;
    }
    fail(errc::too_large, bug_ == bug::place_in_piece ? begin - std::min(begin, fed_before_) : begin);
    return false;
}

decoder::event length::next() {
    release();
    if (failure_ != errc::none) return decoder::failed;
    if (rest() == 0) return starve();
    if (!partial_->empty()) return next_partial();
    if (rest() >= wire_.width) {
        if (!header_ok(cursor_, false)) return decoder::failed;
        const std::size_t behind = rest() - wire_.width;
        if (behind >= body_ && !(bug_ == bug::empty_waits && behind == 0)) {
            const bytes_view payload(cursor_ + wire_.width, static_cast<std::size_t>(body_));
            cursor_ += wire_.width + payload.size();
            body_ = 0;
            return {decoder::message, payload};
        }
        header_known_ = true;
    }
    collect(rest());
    return starve();
}

decoder::event length::next_partial() {
    if (!header_known_) {
        const std::size_t before = partial_->size();
        collect(wire_.width - std::min(wire_.width, before));
        if (partial_->size() < wire_.width) {
            if (bug_ == bug::third_piece_overwrites) partial_->resize(before);
            return starve();
        }
        if (!header_ok(partial_->data(), true)) return decoder::failed;
        header_known_ = true;
    } else if (bug_ == bug::reads_header_again) {
        body_ = read_length(partial_->data());
    }
    const std::uint64_t whole = wire_.width + body_;
    collect(whole - std::min<std::uint64_t>(whole, partial_->size()));
    if (partial_->size() < whole || (bug_ == bug::empty_waits && body_ == 0 && rest() == 0)) return starve();
    const bytes_view payload(partial_->data() + wire_.width, static_cast<std::size_t>(body_));
    lent_ = true;
    header_known_ = false;
    if (bug_ != bug::length_left_over) body_ = 0;
    if (bug_ == bug::drops_split_header && rest() < wire_.width) cursor_ = end_;
    return {decoder::message, payload};
}

decoder::event length::starve() {
    if (!finished_) return decoder::more;
    if (partial_->empty() || (bug_ == bug::split_header_is_end && partial_->size() < wire_.width)) return decoder::end;
    return fail(errc::truncated, fed_);
}

weir::result<void> length::encode(bytes_view payload, buffer& out) const {
    const std::size_t most = bug_ == bug::encoder_field_limit ? 65535 : wire_.max;
    const bool refused = payload.size() > most;
    if (refused && bug_ != bug::encoder_leaves_header) return weir::error(errc::too_large, "encode", name_);
    for (std::size_t i = 0; i < wire_.width; ++i) {
        const std::byte digit{static_cast<std::uint8_t>(payload.size() >> 8 * (wire_.big ? wire_.width - 1 - i : i))};
        out.append({&digit, 1});
    }
    if (refused) return weir::error(errc::too_large, "encode", name_);
    out.append(payload);
    return {};
}

}  // namespace

std::vector<std::unique_ptr<weir::laws::subject>> all_length_bugs() {
    std::vector<std::unique_ptr<weir::laws::subject>> subjects;
    for (const auto& [what, wire, sentence] : all) {
        const std::string wire_name = wire.big ? "len32: " : "len16le: ";
        subjects.push_back(std::make_unique<length>(what, wire, wire_name + sentence));
    }
    return subjects;
}

std::vector<std::unique_ptr<weir::laws::subject>> sound_length() {
    std::vector<std::unique_ptr<weir::laws::subject>> subjects;
    for (const shape& wire : {len32, len16le, len16le_full}) {
        const std::string wire_name = wire.big ? "len32" : "len16le";
        subjects.push_back(
            std::make_unique<length>(bug::none, wire, wire_name + ": sound, max=" + std::to_string(wire.max)));
    }
    return subjects;
}

}  // namespace planted
