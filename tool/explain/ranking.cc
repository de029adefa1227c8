#include "tool/explain/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <weir/base/text.h>
#include <weir/framing/decoder.h>

#include "tool/command/talk.h"
#include "tool/explain/candidates.h"
#include "tool/explain/code_length.h"
#include "tool/terminal/json.h"

namespace weir_tool {
namespace {

using weir::decoder;

constexpr double bits_of_a_torn_end = 7;  // few samples end inside a frame, but most do with a wrong guess
constexpr double bits_of_tiny_messages = 12;
constexpr double bits_of_binary_lines = 12;
constexpr double bits_of_binary_messages = 15;  // text in every message is hardly a coincidence
constexpr double bits_of_large_blocks = 8;      // of more than 64 bytes
constexpr double bits_of_empty_messages = 15;
constexpr double bits_of_padding_in_front = 3;
constexpr double bits_of_lines_in_a_field = 12;
constexpr double bits_of_torn_characters = 40;
// Text with line feeds probably consists of lines. Line feeds inside messages that end in another way therefore cost
// bits: for each one, and once if there is any.
constexpr double bits_of_a_line_inside = 24;
constexpr double bits_of_lines_inside = 40;
constexpr double bits_of_a_fit = 16;  // a framing that explains anything saves at least this

// The result of decoding the sample with a candidate.
struct fit {
    candidate chosen;
    weir::framing described;
    std::vector<std::uint64_t> cuts{};  // for each whole frame: its end, and the beginning and the size of its message
    std::size_t frames = 0;
    std::uint64_t shortest = UINT64_MAX;  // messages
    std::uint64_t longest = 0;
    bool exact = false;
    bool text = true;        // each message
    std::size_t common = 0;  // the bytes with which all frames begin
    double bits = 0;
};

bool is_legible(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char first = text.front();
        if (length == 0 || (length == 1 && first < ' ' && first != '\n' && first != '\t' && first != '\r') ||
            first == '\x7f')
            return false;
        text.remove_prefix(length);
    }
    return true;
}

// Ignores an incomplete character at the end, where the sample may have been cut.
bool is_utf8(std::string_view text) {
    while (text.size() > 3 || utf8_length(text) != 0) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return text.size() <= 3 && (text.empty() || static_cast<unsigned char>(text.front()) >= 0xc2);
}

// True for text with at least one whole line. Ignores a partial line at the end of the sample.
bool is_text_in_lines(std::string_view sample) {
    const std::size_t last = sample.rfind('\n');
    return last != std::string_view::npos && is_legible(sample.substr(0, last + 1)) &&
           (last + 1 == sample.size() || is_utf8(sample.substr(last + 1)));
}

class fitting {
public:
    fitting(weir::bytes_view sample, bool ended, bool in_lines, const candidate& tried, weir::framing described)
        : sample_(sample), ended_(ended), in_lines_(in_lines), fit_{tried, std::move(described)} {}

    // Returns nothing when the sample does not decode.
    std::optional<fit> run() {
        decoder decode(fit_.described);
        decode.feed(sample_);
        std::uint64_t begin = 0;
        for (;;) {
            const auto happened = decode.next();
            if (happened.what == decoder::failed) return {};
            if (happened.what != decoder::message) break;
            const std::uint64_t end = decode.offset();
            add_frame(begin, end, happened.payload);
            begin = end;
        }
        fit_.exact = begin == sample_.size();
        if (fit_.frames < 2 && !(fit_.exact && fit_.frames == 1)) return {};
        // Refuses a framing in which all messages are empty and the headers contain bytes without a meaning.
        if (fit_.longest == 0 && fit_.chosen.fields.offset > fit_.chosen.fields.magic.size()) return {};
        if (!fit_.exact) add_torn(begin);
        if (!fit_.exact && ended_) bits_.add_bits(bits_of_a_torn_end);
        bits_.add_bits(fit_.chosen.bits + unlikely());
        fit_.bits = bits_.bits();
        return std::move(fit_);
    }

private:
    // Returns the bits that count against a framing although it decodes. Tiny messages count against it. So do messages
    // that never contain their end mark, although its bytes are common: letters and brackets in text, any byte in other
    // data.
    double unlikely() const {
        const auto& fields = fit_.chosen.fields;
        const auto frames = static_cast<double>(fit_.frames);
        double bits = static_cast<double>(sample_.size()) < 8 * frames ? bits_of_tiny_messages : 0;
        if (!fit_.text) bits += bits_of_binary_messages;
        if (fields.kind == weir::framing_kind::fixed) bits += unlikely_size();
        if (3 * empty_ >= fit_.frames) bits += bits_of_empty_messages;
        if (characters_torn_ && is_utf8_) bits += bits_of_torn_characters;
        if (in_lines_ && lines_inside_ != 0)
            bits += bits_of_lines_inside + bits_of_a_line_inside * static_cast<double>(lines_inside_);
        if (fields.kind == weir::framing_kind::lines && !fit_.text) bits += bits_of_binary_lines + frames;
        if (fields.kind != weir::framing_kind::delimited || stuffed_) return bits;
        const bool ordinary = std::any_of(fields.marks[0].begin(), fields.marks[0].end(), [this](std::byte b) {
            return (b < std::byte{0x80} || is_utf8_) && belongs_to_payload(b);
        });
        if (ordinary && !is_usual_mark(fields.marks[0])) bits += 3 * frames;
        if (!fit_.text && fields.marks[0].size() == 1) bits += coincidence();
        return bits;
    }

    // Text in a field of fixed size is padded at the end and does not have several lines. With a wrong size, a sample
    // ends at a boundary only once in `size` times. A sample that ends at a boundary is therefore an argument for a
    // large size.
    double unlikely_size() const {
        const auto size = static_cast<double>(fit_.chosen.fields.size);
        double bits = size > 64 ? bits_of_large_blocks : 0;
        if (fit_.text) bits += bits_of_padding_in_front * static_cast<double>(padded_in_front_);
        if (fit_.text && has_lines_) bits += bits_of_lines_in_a_field;
        if (fit_.exact && ended_) bits -= std::log2(size / 8);
        return bits;
    }

    // In random bytes each value occurs once in 256 bytes, so that messages without the end mark in them are a
    // coincidence. But a byte that occurs more often is a coincidence, too, unless it is the end mark.
    double coincidence() const {
        const double expected = static_cast<double>(sample_.size()) / 256;
        const auto frames = static_cast<double>(fit_.frames);
        const double excess =
            frames > expected ? frames * std::log2(frames / expected) - (frames - expected) * 1.44 : 0;
        return std::max(0.0, static_cast<double>(sample_.size()) / 177 - excess);
    }

    void add_header(std::uint64_t begin, std::uint64_t size) {
        const auto& fields = fit_.chosen.fields;
        // The first byte of all frames may belong to the messages. It is predicted like a byte of a header, so that a
        // start mark has no unfair advantage.
        if (!fields.start.empty() && !stuffs() && !is_usual_start(fields.start[0]))
            bits_.add_header_byte(0, fields.start[0]);
        const std::uint64_t unread = std::min(size, fields.kind == weir::framing_kind::fixed ? 0 : fields.offset);
        for (std::uint64_t i = fields.magic.size(); i < unread; ++i) {
            bits_.add_header_byte(static_cast<std::size_t>(i), sample_[static_cast<std::size_t>(begin + i)]);
        }
    }

    void add_frame(std::uint64_t begin, std::uint64_t end, weir::bytes_view payload) {
        const weir::bytes_view frame =
            sample_.part(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        std::uint64_t looked = 0;
        const auto said = fit_.described.machine().measure({frame, 0, false}, looked);
        add_header(begin, said.header);
        const bool announced = announces();
        const weir::bytes_view inside =
            announced ? payload : frame.first(static_cast<std::size_t>(said.header + said.body));
        lines_inside_ += static_cast<std::size_t>(std::count(inside.begin(), inside.end(), std::byte{'\n'}));
        if (announced) {
            const weir::bytes_view unread =
                frame.first(static_cast<std::size_t>(std::min<std::uint64_t>(said.header, fit_.chosen.fields.offset)));
            lines_inside_ += static_cast<std::size_t>(std::count(unread.begin(), unread.end(), std::byte{'\n'}));
        }
        stuffed_ = stuffed_ || (!fit_.chosen.fields.escapes.empty() &&
                                said.body > payload.size() + fit_.chosen.fields.check_bytes());
        if (announces()) bits_.add_length(payload.size());
        bits_.begin_message();
        bits_.add_payload(payload);
        // No length announces the place of an end mark, so the mark is predicted like any other byte.
        if (!announces()) bits_.add_payload(frame.from(static_cast<std::size_t>(said.header + said.body)));
        fit_.cuts.insert(fit_.cuts.end(), {end, begin + said.header, payload.size()});
        fit_.shortest = std::min<std::uint64_t>(fit_.shortest, payload.size());
        fit_.longest = std::max<std::uint64_t>(fit_.longest, payload.size());
        fit_.text = fit_.text && is_legible(payload.text());
        note_common(frame);
        if (payload.empty()) ++empty_;
        has_lines_ = has_lines_ || payload.text().find('\n') != std::string_view::npos;
        if (payload.text().starts_with(' ')) ++padded_in_front_;
        characters_torn_ = characters_torn_ || !is_utf8(payload.text());
        ++fit_.frames;
    }

    bool announces() const noexcept {
        const weir::description& fields = fit_.chosen.fields;
        return fields.has_length() || fields.kind == weir::framing_kind::netstring;
    }

    bool stuffs() const noexcept { return !fit_.chosen.fields.escapes.empty(); }

    void note_common(weir::bytes_view frame) {
        if (fit_.frames == 0) fit_.common = std::min<std::size_t>(frame.size(), 8);
        fit_.common = std::min(fit_.common, frame.size());
        for (std::size_t i = 0; i < fit_.common; ++i) {
            if (frame[i] != sample_[i]) fit_.common = i;
        }
    }

    void add_torn(std::uint64_t begin) {
        const weir::bytes_view tail = sample_.from(static_cast<std::size_t>(begin));
        std::uint64_t looked = 0;
        const auto said = fit_.described.machine().measure({tail, 0, false}, looked);
        const bool known = said.what == weir::verdict::answer::frame;
        const bool started = !known && tail.text().starts_with(fit_.chosen.fields.start.view().text());
        const auto header = started ? fit_.chosen.fields.start.size()
                            : known ? static_cast<std::size_t>(std::min<std::uint64_t>(said.header, tail.size()))
                                    : 0;
        if (known || started) add_header(begin, header);
        if (known && announces()) bits_.add_length(said.body);
        bits_.begin_message();
        const weir::bytes_view rest = tail.from(header);
        lines_inside_ += static_cast<std::size_t>(std::count(rest.begin(), rest.end(), std::byte{'\n'}));
        bits_.add_payload(rest);
    }

    weir::bytes_view sample_;
    bool ended_;
    bool in_lines_;  // the sample is text with line feeds
    bool is_utf8_ = is_utf8(sample_.text());
    std::size_t lines_inside_ = 0;  // line feeds that end no message
    bool stuffed_ = false;          // a byte was stuffed
    bool characters_torn_ = false;
    bool has_lines_ = false;  // a message has a line feed
    std::size_t empty_ = 0;
    std::size_t padded_in_front_ = 0;  // messages that begin with a space
    code_length bits_;
    fit fit_;
};

class search {
public:
    search(weir::bytes_view sample, bool ended) : sample_(sample), ended_(ended) {}

    std::vector<fit> run() {
        for (const auto& one : candidates_for(sample_)) {
            const bool needs_checksum = one.fields.counts == weir::counts_rule::payload;
            if (needs_checksum) {
                add_checked(one);
                continue;
            }
            const auto found = try_one(one);
            // A framing that fits may have a checksum, too, if the messages have room for one.
            if (found && found->shortest >= 1) add_checked(one);
        }
        return std::move(fits_);
    }

private:
    std::optional<fit> try_one(const candidate& one) {
        auto described = weir::framing::make(one.fields);
        if (!described) return {};
        auto found = fitting(sample_, ended_, in_lines_, one, *std::move(described)).run();
        if (!found) return {};
        fits_.push_back(*found);
        for (const auto& opened : with_openings(one, sample_.first(found->common))) {
            if (auto made = weir::framing::make(opened.fields)) {
                if (auto again = fitting(sample_, ended_, in_lines_, opened, *std::move(made)).run())
                    fits_.push_back(*std::move(again));
            }
        }
        return found;
    }

    void add_checked(const candidate& bare) {
        for (const auto& checked : with_checksums(bare)) try_one(checked);
    }

    weir::bytes_view sample_;
    bool ended_;
    bool in_lines_ = is_text_in_lines(sample_.text());
    std::vector<fit> fits_;
};

std::string say_sizes(const fit& one) {
    if (one.shortest == one.longest) return fmt::format("of {}", weir::say_size(one.longest));
    return fmt::format("of {} to {}", one.shortest, weir::say_size(one.longest));
}

std::string explain_fit(const fit& one, bool ended, double saved) {
    const auto& fields = one.chosen.fields;
    std::string why = fmt::format("{} {}", count(one.frames, "message"), say_sizes(one));
    why += one.exact ? (ended ? ", the last one ends with the input" : ", none partial") : ", and a partial one";
    if (fields.checksum != weir::checksum_kind::none) {
        why += fmt::format(
            "; {}", one.frames == 1 ? "the checksum matches" : fmt::format("all {} checksums match", one.frames));
    }
    if (!fields.magic.empty()) why += fmt::format("; each frame begins with {}", weir::to_hex(fields.magic));
    if (!fields.start.empty()) why += fmt::format("; each has its start mark {}", weir::to_hex(fields.start));
    if (one.text && one.longest != 0) why += "; every message is text";
    why += saved >= 1 ? fmt::format("; explains {:.0f} bits", saved) : "; explains no bits";
    return why;
}

}  // namespace

std::vector<rank> rank_framings(weir::bytes_view sample, bool ended) {
    const bool whole = ended && sample.size() <= most_sample_bytes;
    sample = sample.first(std::min(sample.size(), most_sample_bytes));
    std::multimap<double, fit> fits;  // by bits; equal ones in the order in which they were found
    for (auto& one : search(sample, whole).run()) fits.emplace(one.bits, std::move(one));
    code_length unframed;
    unframed.begin_message();
    unframed.add_payload(sample);
    std::vector<rank> ranks;
    std::map<std::vector<std::uint64_t>, std::size_t> by_cuts;
    for (auto& [bits, one] : fits) {
        const auto [place, fresh] = by_cuts.emplace(std::move(one.cuts), ranks.size());
        if (fresh) {
            const double saved = unframed.bits() - bits;
            const bool well =
                saved >= bits_of_a_fit || (one.chosen.fields.kind == weir::framing_kind::lines && one.text);
            ranks.push_back({{}, explain_fit(one, whole, saved), bits, saved, well});
        }
        ranks[place->second].framings.push_back(std::move(one.described));
    }
    return ranks;
}

}  // namespace weir_tool
