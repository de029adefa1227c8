#include "weir/framing/formats/custom.h"

#include <algorithm>

#include "weir/base/text.h"

namespace weir::internal {
namespace {

constexpr std::uint64_t most_size = verdict::most_size;

}  // namespace

custom_format::custom_format(std::shared_ptr<const format> own)
    : format(fast_path(own->stuffs() ? fast_path::kind::general : fast_path::kind::whole)), own_(std::move(own)),
      searches_(own_->searches()), stuffs_(own_->stuffs()), header_(searches_ ? own_->searched_header() : 0) {
    WEIR_CHECK(!stuffs_ || searches_, "a format that stuffs() also searches(): a stuffed body has no announced size");
    WEIR_CHECK(header_ <= most_header_bytes, "format::searched_header() must be at most most_header_bytes");
}

verdict custom_format::measure(const frame_bytes& frame, std::uint64_t& looked) const {
    const verdict said = own_->measure(frame, looked);
    if (said.what != verdict::answer::more) return watched(said, frame);
    const std::size_t came = frame.content.size();
    WEIR_CHECK(said.trailer > came,
               "format::measure() returned more(need): need must be above the number of bytes that arrived");
    const std::size_t header = frame.inside ? 0 : header_;
    if (!searches_) {
        WEIR_CHECK(said.body == 0, "format::measure() returned more(): only a format that searches() can settle bytes");
        if (came > most_header_bytes) return verdict::broken(most_header_bytes);
        return verdict::more(std::min<std::uint64_t>(said.trailer, most_header_bytes + 1));
    }
    WEIR_CHECK(said.body <= came - std::min(came, header),
               "format::measure() returned more(): only bytes that arrived after the header can be settled");
    const std::size_t reach = header + most_header_bytes;
    return verdict::more(std::min<std::uint64_t>(said.trailer, came + most_header_bytes), header,
                         std::max<std::uint64_t>(said.body, came - std::min(came, reach)));
}

verdict custom_format::measure_last(const frame_bytes& frame, std::uint64_t& looked) const {
    const verdict said = own_->measure_last(frame, looked);
    return said.what == verdict::answer::more ? said : watched(said, frame);
}

verdict custom_format::watched(const verdict& said, const frame_bytes& frame) const {
    if (said.what == verdict::answer::frame) return watched_frame(said, frame);
    const std::size_t came = frame.content.size();
    WEIR_CHECK(said.header < came,
               "format::measure() returned broken(place): the place must be that of a byte that arrived");
    WEIR_CHECK(said.body <= said.header,
               "format::measure() returned broken(): only bytes before the wrong one can be settled");
    if (!searches_ && said.header >= most_header_bytes) return verdict::broken(most_header_bytes);
    return said;
}

verdict custom_format::watched_frame(const verdict& said, const frame_bytes& frame) const {
    const std::size_t came = frame.content.size();
    WEIR_CHECK(said.header <= most_size && said.body <= most_size && said.trailer <= most_size,
               "format::measure() returned frame(): no size may be over 2^62");
    if (!searches_) {
        WEIR_CHECK(said.header <= came,
                   "format::measure() returned frame(): the header must arrive before the size is known");
        WEIR_CHECK(said.trailer <= most_header_bytes,
                   "format::measure() returned frame(): a trailer has at most most_header_bytes; longer data belongs "
                   "to the body");
        WEIR_CHECK(said.header + said.body + said.trailer != 0,
                   "format::measure() returned frame(0, 0, 0): a frame of 0 bytes would repeat forever");
        return said.header > most_header_bytes ? verdict::broken(most_header_bytes) : said;
    }
    WEIR_CHECK(
        said.header == (frame.inside ? 0 : header_),
        "format::measure() returned frame(): the header must have searched_header() bytes, and none when inside");
    WEIR_CHECK(said.header + said.body + said.trailer <= came,
               "format::measure() returned frame(): the end that was searched for must have arrived");
    WEIR_CHECK(frame.inside || said.header + said.body + said.trailer != 0,
               "format::measure() returned frame(0, 0, 0): a frame of 0 bytes would repeat forever");
    return said;
}

void custom_format::put_header(std::uint64_t body_size, buffer& out) const {
    const std::size_t before = out.size();
    own_->put_header(body_size, out);
    WEIR_CHECK(out.size() >= before, "format::put_header() must append; it removed bytes");
    WEIR_CHECK(out.size() - before <= most_header_bytes, "format::put_header() must append at most most_header_bytes");
    WEIR_CHECK(!searches_ || out.size() - before == header_,
               "format::put_header() must append searched_header() bytes");
}

void custom_format::put_trailer(bytes_view header, bytes_view body, buffer& out) const {
    // Allocates first, so that the views stay valid while the trailer is appended.
    const std::size_t before = out.size();
    const std::size_t body_begin = before - body.size();
    const std::size_t header_begin = body_begin - header.size();
    static_cast<void>(out.prepare(most_header_bytes));
    own_->put_trailer(out.view().part(header_begin, header.size()), out.view().part(body_begin, body.size()), out);
    WEIR_CHECK(out.size() >= before, "format::put_trailer() must append; it removed bytes");
    WEIR_CHECK(out.size() - before <= most_header_bytes, "format::put_trailer() must append at most most_header_bytes");
}

std::string custom_format::refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const {
    return own_->refuse_trailer(header, body, trailer);
}

std::string custom_format::refuse(bytes_view body) const { return own_->refuse(body); }

std::string custom_format::explain(bytes_view frame, std::uint64_t place) const {
    if (searches_ || place != most_header_bytes) return own_->explain(frame, place);
    return "a header has not ended after " + say_size(most_header_bytes);
}

std::uint64_t custom_format::announced(bytes_view header) const { return own_->announced(header); }
std::string custom_format::remark(bytes_view header) const { return own_->remark(header); }
std::uint64_t custom_format::place_of_size() const noexcept { return own_->place_of_size(); }
bool custom_format::reads_all() const noexcept { return own_->reads_all(); }

// unstuff(), stuff() and whole_part() of the user's format are called only when it stuffs.
void custom_format::unstuff(bytes_view body, buffer& plain) const {
    if (!stuffs_) return format::unstuff(body, plain);
    const std::size_t before = plain.size();
    own_->unstuff(body, plain);
    WEIR_CHECK(plain.size() >= before, "format::unstuff() must append; it removed bytes");
    WEIR_CHECK(plain.size() - before <= body.size(), "format::unstuff() must not make a body longer");
}

void custom_format::stuff(buffer& out, std::size_t begin) const {
    if (!stuffs_) return;
    const std::size_t before = out.size();
    own_->stuff(out, begin);
    WEIR_CHECK(out.size() >= before, "format::stuff() must not make a body shorter");
}

std::size_t custom_format::whole_part(bytes_view body, std::size_t size) const {
    if (!stuffs_) return size;
    const std::size_t whole = own_->whole_part(body, size);
    WEIR_CHECK(whole <= size, "format::whole_part() must return at most the size that was passed");
    WEIR_CHECK(size - whole <= most_header_bytes, "format::whole_part() may cut off only one stuffed byte");
    return whole;
}

}  // namespace weir::internal
