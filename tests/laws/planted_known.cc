#include "planted_known.h"

#include <string>

using namespace weir;

namespace planted {
namespace {

enum class bug {
    none,
    limit_only_when_split,   // the limit is checked only for kept bytes, and not for a line that is whole in the input
    cr_kept_when_split,      // a CR is stripped only if it is in the same piece as its LF
    length_wraps,            // the sum of header and length wraps at 32 bits before it is compared with the input
    limit_after_allocation,  // memory of the announced size is reserved before the size is compared with the limit
    last_message_lost,       // end=deliver does not deliver the last line without LF
    scans_from_the_start,    // the whole partial line is searched again for each piece
    view_of_the_past,        // a message that arrived in parts is returned as a view of earlier input
    place_of_the_piece,      // the place of an error counts from the piece, not from the beginning of the stream
    encodes_anything,        // the encoder writes a line feed inside a line
    forgets_empty,           // an empty message is not delivered
};

class by_hand final : public laws::subject {
public:
    by_hand(bool lines, bug which, std::string name) : lines_(lines), bug_(which), name_(std::move(name)) {}

    std::unique_ptr<subject> fresh() const override { return std::make_unique<by_hand>(lines_, bug_, name_); }
    std::unique_ptr<subject> copy() const override { return std::make_unique<by_hand>(*this); }
    bool same_state(const subject& other) const override {
        const auto& that = static_cast<const by_hand&>(other);
        if (failed_ || that.failed_) return failed_ == that.failed_ && place_ == that.place_ && why_ == that.why_;
        return kept_ == that.kept_ && start_ == that.start_;
    }
    void feed(bytes_view input) override {
        if (failed_) return;
        piece_start_ = start_ + kept_.size();
        if (bug_ == bug::scans_from_the_start) searched_ = 0;
        last_input_ = input;
        fresh_ = kept_.size();
        kept_.append(input);
    }
    void finish() override { finished_ = true; }

    decoder::event next() override {
        if (failed_) return decoder::failed;
        if (used_ != 0) {
            kept_ = bytes(kept_.view().from(used_));
            start_ += used_;
            fresh_ -= std::min(fresh_, used_);
            used_ = searched_ = 0;
        }
        return lines_ ? next_line() : next_length();
    }

    errc failure() const override { return why_; }
    std::uint64_t failed_at() const override { return place_; }
    std::size_t held() const override { return std::max(kept_.size() - used_, reserved_); }
    std::uint64_t looked() const override { return looked_; }
    std::uint64_t limit() const override { return 60; }
    std::size_t overhead() const override { return 16; }
    std::string name() const override { return name_; }

    result<void> encode(bytes_view payload, buffer& out) const override {
        if (payload.size() > limit()) return error(errc::too_large);
        if (lines_) {
            const bool broken = payload.text().find('\n') != std::string_view::npos || payload.text().ends_with('\r');
            if (broken && bug_ != bug::encodes_anything) return error(errc::unencodable);
            out.append(payload);
            out.append("\n");
            return {};
        }
        const bytes header{0, 0, 0, static_cast<std::uint8_t>(payload.size())};
        out.append(header);
        out.append(payload);
        return {};
    }

private:
    decoder::event next_line() {
        std::size_t lf = searched_;
        while (lf < kept_.size() && kept_[lf] != std::byte{'\n'}) ++lf;
        looked_ += lf - searched_;
        searched_ = lf;
        if (lf == kept_.size()) {
            // The last two CRs do not count: one may belong to the line end, the other may make the line malformed.
            std::size_t settled = lf;
            for (int i = 0; i < 2 && settled != 0 && kept_[settled - 1] == std::byte{'\r'}; ++i) --settled;
            if (settled > limit()) return fail(errc::too_large, start_ + limit());
            if (!finished_) return decoder::more;
            if (kept_.empty()) return decoder::end;
            if (bug_ == bug::last_message_lost) return decoder::end;
            if (kept_[lf - 1] == std::byte{'\r'}) return fail(errc::malformed, start_ + lf - 1);
            return give(0, lf, lf);
        }
        std::size_t size = lf;
        const bool split_cr = bug_ == bug::cr_kept_when_split && lf == fresh_;
        if (size != 0 && kept_[size - 1] == std::byte{'\r'} && !split_cr) --size;
        const bool ends_in_cr = size != 0 && kept_[size - 1] == std::byte{'\r'} && !split_cr;
        if (size - (ends_in_cr ? 1 : 0) > limit() && (bug_ != bug::limit_only_when_split || fresh_ != 0)) {
            return fail(errc::too_large, (bug_ == bug::place_of_the_piece ? piece_start_ : start_) + limit());
        }
        if (ends_in_cr) return fail(errc::malformed, start_ + size - 1);
        return give(0, size, lf + 1);
    }

    decoder::event next_length() {
        if (kept_.size() < 4) {
            if (!finished_) return decoder::more;
            return kept_.empty() ? decoder::event(decoder::end) : fail(errc::truncated, start_ + kept_.size());
        }
        std::uint32_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) size = size << 8 | std::to_integer<std::uint32_t>(kept_[i]);
        if (searched_ == 0) looked_ += 4;
        searched_ = 4;
        if (bug_ == bug::limit_after_allocation) reserved_ = size;
        const bool wraps = bug_ == bug::length_wraps && size + 4 < size;
        if (size > limit() && !wraps) return fail(errc::too_large, start_);
        const std::uint32_t whole = size + 4;
        if (kept_.size() < whole) {
            return finished_ ? fail(errc::truncated, start_ + kept_.size()) : decoder::event(decoder::more);
        }
        return give(4, wraps ? 0 : size, wraps ? 4 : whole);
    }

    decoder::event give(std::size_t from, std::size_t size, std::size_t used) {
        used_ = used;
        if (size == 0 && bug_ == bug::forgets_empty) return next();
        if (bug_ == bug::view_of_the_past && fresh_ != 0 && size <= last_input_.size() && size != 0) {
            return {decoder::message, last_input_.first(size)};
        }
        return {decoder::message, kept_.view().part(from, size)};
    }

    decoder::event fail(errc why, std::uint64_t place) {
        failed_ = true;
        why_ = why;
        place_ = place;
        kept_.clear();
        return decoder::failed;
    }

    bool lines_;
    bug bug_;
    std::string name_;
    bytes kept_;
    bytes_view last_input_;
    std::size_t fresh_ = 0;  // the number of kept bytes that arrived in earlier pieces
    std::size_t used_ = 0;
    std::size_t searched_ = 0;
    std::size_t reserved_ = 0;
    std::uint64_t start_ = 0;
    std::uint64_t piece_start_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t place_ = 0;
    errc why_ = errc::none;
    bool finished_ = false;
    bool failed_ = false;
};

std::unique_ptr<laws::subject> make(bool lines, bug which, const char* name) {
    return std::make_unique<by_hand>(lines, which, name);
}

}  // namespace

std::vector<std::unique_ptr<laws::subject>> all_known_bugs() {
    std::vector<std::unique_ptr<laws::subject>> all;
    all.push_back(make(true, bug::limit_only_when_split, "lines: the limit holds only for partial lines"));
    all.push_back(make(true, bug::cr_kept_when_split, "lines: a CR is kept when it is split from its LF"));
    all.push_back(make(true, bug::last_message_lost, "lines: the last line is lost at the end"));
    all.push_back(make(true, bug::scans_from_the_start, "lines: a partial line is searched from its start each time"));
    all.push_back(make(true, bug::view_of_the_past, "lines: a partial line is read from the wrong input"));
    all.push_back(make(true, bug::place_of_the_piece, "lines: the place of an error depends on the pieces"));
    all.push_back(make(true, bug::encodes_anything, "lines: the encoder lets a line feed through"));
    all.push_back(make(true, bug::forgets_empty, "lines: an empty line is forgotten"));
    all.push_back(make(false, bug::length_wraps, "len32: header and length wrap around before the limit is checked"));
    all.push_back(make(false, bug::limit_after_allocation, "len32: memory is taken before the limit is checked"));
    return all;
}

std::vector<std::unique_ptr<laws::subject>> sound_known() {
    std::vector<std::unique_ptr<laws::subject>> all;
    all.push_back(make(true, bug::none, "lines by hand"));
    all.push_back(make(false, bug::none, "len32 by hand"));
    return all;
}

}  // namespace planted
