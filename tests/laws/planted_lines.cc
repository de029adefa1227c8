#include "tests/laws/planted_lines.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace planted {
namespace {

using weir::buffer;
using weir::bytes_view;
using weir::decoder;
using weir::errc;

constexpr std::byte cr{'\r'};
constexpr std::byte lf{'\n'};

using bug = line_bug;

struct planting {
    bug what;
    const char* sentence;
};

constexpr planting all[] = {
    {bug::split_cr_stays, "forgets a CR separated from its LF"},
    {bug::split_cr_ends_line, "takes a CR at the end of a piece for the end of the line"},
    {bug::split_cr_counts, "counts a separated CR against the limit"},
    {bug::second_split_cr_counts, "counts the second of two separated CRs against the limit"},
    {bug::limit_at_lf, "checks the limit only when the LF has come"},
    {bug::whole_lines_unlimited, "has no limit for a line that came in one piece"},
    {bug::searches_again, "searches a partial line again at every feed"},
    {bug::place_where_noticed, "says where it noticed the limit, not where it was passed"},
    {bug::place_from_piece, "counts the place of a malformed line from the last piece"},
    {bug::lone_cr_is_end, "takes a lone CR before the end for nothing"},
    {bug::last_line_delivered, "delivers the unfinished last line with its CR"},
    {bug::empty_line_leaves_cr, "keeps the CR of a partial empty line for the next partial line"},
    {bug::finish_drops_unread, "drops at finish() what was not pulled yet"},
    {bug::feed_after_failure, "goes on after a failure when it is fed"},
    {bug::static_buffer, "joins partial lines in a static buffer"},
    {bug::cr_text_accepted, "delivers a message that its encoder refuses"},
    {bug::blanks_trimmed, "trims blanks before the line end"},
    {bug::encodes_cr, "encodes a message that ends in CR"},
    {bug::encodes_lf_behind_nul, "encodes an LF that stands behind a NUL"},
    {bug::encoder_counts_lf, "counts the encoder's LF against the limit"},
};

class lines final : public weir::laws::subject {
public:
    lines(bug planted, std::size_t max, std::string name) : name_(std::move(name)), max_(max), bug_(planted) {}

    std::unique_ptr<subject> fresh() const override { return std::make_unique<lines>(bug_, max_, name_); }
    std::unique_ptr<subject> copy() const override { return std::make_unique<lines>(*this); }
    bool same_state(const subject& other) const override {
        const auto& twin = static_cast<const lines&>(other);
        if (failure_ != twin.failure_ || failed_at_ != twin.failed_at_) return false;
        if (failure_ != errc::none) return true;
        return partial_ == twin.partial_ && fed_ == twin.fed_ && finished_ == twin.finished_ &&
               swallow_lf_ == twin.swallow_lf_;
    }

    void feed(bytes_view input) override {
        release();
        if (bug_ == bug::feed_after_failure) failure_ = errc::none;
        if (failure_ != errc::none) return;
        cursor_ = input.begin();
        end_ = input.end();
        fed_ += input.size();
    }
    void finish() override {
        release();
        finished_ = true;
        if (bug_ == bug::finish_drops_unread) cursor_ = end_;
    }
    decoder::event next() override;

    errc failure() const override { return failure_; }
    std::uint64_t failed_at() const override { return failed_at_; }
    std::size_t held() const override { return lent_ ? 0 : partial_.size(); }
    std::uint64_t looked() const override { return looked_; }
    weir::result<void> encode(bytes_view payload, buffer& out) const override;
    std::uint64_t limit() const override { return max_; }
    std::size_t overhead() const override { return 2; }
    std::string name() const override { return name_; }

private:
    std::size_t rest() const { return static_cast<std::size_t>(end_ - cursor_); }
    std::uint64_t place() const { return fed_ - rest(); }
    std::uint64_t line_begin() const { return place() - partial_.size(); }

    // Frees the memory of the last message.
    void release() {
        if (lent_) partial_.clear();
        lent_ = false;
    }
    void collect(std::size_t count) {
        partial_.insert(partial_.end(), cursor_, cursor_ + count);
        cursor_ += count;
    }
    decoder::event fail(errc code, std::uint64_t at) {
        failure_ = code;
        failed_at_ = at;
        partial_.clear();
        cursor_ = end_;
        return decoder::failed;
    }

    const std::byte* find_lf();
    decoder::event no_lf();
    decoder::event line(const std::byte* found);
    decoder::event deliver(bytes_view text, bool partial);
    decoder::event starve();
    bool partial_over_limit();

    std::vector<std::byte> partial_;  // the partial line without LF, or the last message
    const std::byte* cursor_ = nullptr;
    const std::byte* end_ = nullptr;
    std::uint64_t fed_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t failed_at_ = 0;
    std::string name_;
    std::size_t max_;
    bug bug_;
    errc failure_ = errc::none;
    bool lent_ = false;
    bool finished_ = false;
    bool swallow_lf_ = false;  // used only by split_cr_ends_line
};

decoder::event lines::next() {
    release();
    if (failure_ != errc::none) return decoder::failed;
    if (swallow_lf_ && rest() != 0) {
        swallow_lf_ = false;
        ++looked_;
        if (*cursor_ == lf) ++cursor_;
    }
    if (rest() == 0) return starve();
    const std::byte* const found = find_lf();
    return found == nullptr ? no_lf() : line(found);
}

const std::byte* lines::find_lf() {
    if (bug_ == bug::searches_again && !partial_.empty()) {
        looked_ += partial_.size();
        if (std::memchr(partial_.data(), '\n', partial_.size()) != nullptr) return nullptr;  // a partial line has no LF
    }
    const auto* const found = static_cast<const std::byte*>(std::memchr(cursor_, '\n', rest()));
    looked_ += found == nullptr ? rest() : static_cast<std::size_t>(found - cursor_) + 1;
    return found;
}

decoder::event lines::no_lf() {
    if (bug_ == bug::split_cr_ends_line && (++looked_, end_[-1] == cr)) {
        swallow_lf_ = true;
        return line(end_);
    }
    const std::uint64_t begin = line_begin();
    const std::size_t most = max_ + 3;  // a line with this number of bytes is over the limit, whatever they are
    collect(bug_ == bug::limit_at_lf ? rest() : std::min(rest(), most - std::min(most, partial_.size())));
    if (partial_over_limit()) return fail(errc::too_large, bug_ == bug::place_where_noticed ? fed_ : begin + max_);
    return starve();
}

// Two CRs at the end do not count yet: the last one may belong to the line end, and the one before it may make the
// line malformed.
bool lines::partial_over_limit() {
    if (partial_.size() <= max_ || bug_ == bug::limit_at_lf) return false;
    if (bug_ == bug::split_cr_counts || partial_.size() > max_ + 2) return true;
    const int undecided = bug_ == bug::second_split_cr_counts ? 1 : 2;
    std::size_t text = partial_.size();
    for (int i = 0; i < undecided && text != 0 && (++looked_, partial_[text - 1] == cr); ++i) --text;
    return text > max_;
}

// The line ends before `found`.
decoder::event lines::line(const std::byte* found) {
    const bool partial = !partial_.empty();
    const auto piece = static_cast<std::size_t>(found - cursor_);
    const std::uint64_t piece_begin = place();
    const std::uint64_t begin = line_begin();
    const std::size_t most = max_ + 4;  // enough to detect that the line is too long
    bytes_view text(cursor_, piece);
    if (partial) {
        partial_.insert(partial_.end(), cursor_, cursor_ + std::min(piece, most));
        text = bytes_view(partial_.data(), partial_.size());
    }
    cursor_ = found == end_ ? end_ : found + 1;

    const bool cr_is_elsewhere = bug_ == bug::split_cr_stays && partial && piece == 0;
    std::size_t size = text.size();
    if (!cr_is_elsewhere && size != 0 && (++looked_, text[size - 1] == cr)) {
        --size;
        const bool wrong = size != 0 && (++looked_, text[size - 1] == cr);
        if (wrong && size - 1 <= max_ && bug_ != bug::cr_text_accepted) {
            return fail(errc::malformed, (bug_ == bug::place_from_piece ? piece_begin : begin) + size - 1);
        }
    }
    if (size > max_ && !(bug_ == bug::whole_lines_unlimited && !partial)) {
        return fail(errc::too_large, bug_ == bug::place_where_noticed ? piece_begin + piece : begin + max_);
    }
    if (bug_ == bug::blanks_trimmed) {
        while (size != 0 && (++looked_, text[size - 1] == std::byte{' '} || text[size - 1] == std::byte{'\t'})) --size;
    }
    return deliver(text.first(size), partial);
}

decoder::event lines::deliver(bytes_view text, bool partial) {
    lent_ = partial && !(bug_ == bug::empty_line_leaves_cr && text.empty());
    if (bug_ == bug::static_buffer && partial && !text.empty()) {
        static std::array<std::byte, 4096> joined;
        std::memcpy(joined.data(), text.data(), std::min(text.size(), joined.size()));
        return {decoder::message, bytes_view(joined.data(), std::min(text.size(), joined.size()))};
    }
    return {decoder::message, text};
}

decoder::event lines::starve() {
    if (!finished_) return decoder::more;
    if (partial_.empty()) return decoder::end;
    if (bug_ == bug::lone_cr_is_end && partial_.size() == 1 && (++looked_, partial_[0] == cr)) return decoder::end;
    if (bug_ == bug::last_line_delivered) return deliver(bytes_view(partial_.data(), partial_.size()), true);
    return fail(errc::truncated, fed_);
}

weir::result<void> lines::encode(bytes_view payload, buffer& out) const {
    const std::size_t counted = payload.size() + (bug_ == bug::encoder_counts_lf ? 1 : 0);
    if (counted > max_) return weir::error(errc::too_large, "encode", name_);
    std::string_view searched = payload.text();
    if (bug_ == bug::encodes_lf_behind_nul) searched = searched.substr(0, searched.find('\0'));
    if (searched.find('\n') != std::string_view::npos) return weir::error(errc::unencodable, "encode", name_);
    if (payload.text().ends_with('\r') && bug_ != bug::encodes_cr) {
        return weir::error(errc::unencodable, "encode", name_);
    }
    out.append(payload);
    out.append("\n");
    return {};
}

}  // namespace

std::vector<std::unique_ptr<weir::laws::subject>> all_line_bugs() {
    std::vector<std::unique_ptr<weir::laws::subject>> subjects;
    for (const auto& [what, sentence] : all) {
        subjects.push_back(std::make_unique<lines>(what, 100, std::string("lines: ") + sentence));
    }
    return subjects;
}

std::vector<std::unique_ptr<weir::laws::subject>> sound_lines() {
    std::vector<std::unique_ptr<weir::laws::subject>> subjects;
    for (const std::size_t max : {std::size_t{100}, std::size_t{3}}) {
        subjects.push_back(std::make_unique<lines>(bug::none, max, "lines: sound, max=" + std::to_string(max)));
    }
    return subjects;
}

}  // namespace planted
