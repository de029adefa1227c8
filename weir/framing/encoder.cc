#include "weir/framing/encoder.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/formats/checksum.h"

namespace weir {

encoder::encoder(framing described)
    : framing_(std::move(described)), machine_(&framing_.machine()), limit_(framing_.limit()),
      check_bytes_(framing_.fields().check_bytes()), header_(framing_.fields().header), empty_(framing_.fields().empty),
      stuffs_(machine_->stuffs()) {
    if (check_bytes_ != 0 || header_ != header_rule::strip) return;
    const internal::fast_path& fast = machine_->fast();
    if (fast.what == internal::fast_path::kind::length) length_ = &fast.length;
    if (fast.what == internal::fast_path::kind::mark) mark_ = &fast.mark;
}

error encoder::refuse(errc code, std::string why) const {
    return error(code, "encode", framing_.to_string(), std::move(why));
}

// With header=keep, the payload contains its header. Refuses a payload that the decoder would not return unchanged.
result<void> encoder::refuse_header(bytes_view payload) const {
    std::uint64_t looked = 0;
    const verdict said = machine_->measure({payload, 0, false}, looked);
    if (said.what == verdict::answer::broken) {
        return refuse(errc::unencodable, machine_->explain(payload, said.header));
    }
    if (said.what == verdict::answer::more) {
        return refuse(errc::unencodable, "it has " + say_size(payload.size()) +
                                             ", fewer than the header that header=keep expects in the message");
    }
    if (said.body < check_bytes_) {
        return refuse(errc::unencodable, "its header announces fewer bytes than the checksum has");
    }
    if (said.body >= verdict::most_size) {
        return refuse(errc::unencodable, "its header announces a length of " +
                                             std::to_string(machine_->announced(
                                                 payload.first(std::min<std::uint64_t>(said.header, payload.size())))) +
                                             ", but it has " + say_size(payload.size()));
    }
    const std::uint64_t announced = said.header + said.body - check_bytes_;
    if (announced != payload.size()) {
        return refuse(errc::unencodable, "its header announces a message of " + say_size(announced) + ", but it has " +
                                             say_size(payload.size()));
    }
    if (announced == said.header && empty_ != empty_rule::allow) {
        return refuse(errc::unencodable, "it is empty after its header, and empty=reject refuses that");
    }
    return {};
}

// Returns a sentence when the header of a custom format does not announce this body, and an empty string otherwise. The
// limit may be larger than the length field of the format can announce, and only the format can detect this.
std::string encoder::refuse_own_header(bytes_view frame, std::size_t header_bytes) const {
    if (framing_.fields().kind != framing_kind::custom || machine_->searches() || frame.empty()) return {};
    std::uint64_t looked = 0;
    const verdict said = machine_->measure({frame, 0, false}, looked);
    const std::uint64_t body = frame.size() - header_bytes;
    if (said.what == verdict::answer::frame && said.header == header_bytes && said.body == body) return {};
    return "the format's header does not announce this body of " + say_size(body) +
           ": is max= more than its length can announce?";
}

// Refuses a payload whose size the framing does not allow, or whose header is wrong.
result<void> encoder::refuse_payload(bytes_view payload) const {
    switch (fit_of(payload.size())) {
        case fit::usual: break;
        case fit::empty:
            if (empty_ == empty_rule::allow || header_ != header_rule::strip) break;
            return refuse(errc::unencodable, empty_ == empty_rule::reject
                                                 ? "it is empty, and empty=reject refuses that"
                                                 : "it is empty, and the receiver would drop it (empty=skip)");
        case fit::too_large:
            return refuse(errc::too_large,
                          "a message of " + say_size(payload.size()) + " is over the limit of " + say_size(limit_));
    }
    switch (header_) {
        case header_rule::strip: return {};
        case header_rule::keep: return refuse_header(payload);
        case header_rule::after: break;
    }
    const std::uint64_t after = framing_.fields().after;
    if (payload.size() < after) {
        return refuse(errc::unencodable, "it has " + say_size(payload.size()) + ", fewer than the " + say_size(after) +
                                             " of the header that header=after expects in the message");
    }
    if (payload.size() == after && empty_ != empty_rule::allow) {
        return refuse(errc::unencodable, "it is empty after its header, and empty=reject refuses that");
    }
    return {};
}

// Returns how many bytes at the beginning of the payload belong to the header.
std::uint64_t encoder::kept_in(bytes_view payload) const {
    if (header_ != header_rule::keep) return framing_.fields().kept_of(0);
    std::uint64_t looked = 0;
    return machine_->measure({payload, 0, false}, looked).header;
}

// Appends the bytes of the header that precede those in the payload.
void encoder::put_header(bytes_view payload, buffer& out) const {
    if (header_ == header_rule::keep) return;
    const std::uint64_t kept = framing_.fields().kept_of(0);
    machine_->put_header(payload.size() - kept + check_bytes_, out);
    out.truncate(out.size() - kept);
}

// `front` is what put_header() appended.
std::uint32_t encoder::sum_of(bytes_view front, bytes_view payload) const {
    const std::size_t from = framing_.fields().cover.value_or(front.size() + kept_in(payload));
    running_checksum sum(framing_.fields().checksum);
    if (from < front.size()) sum.update(front.from(from));
    sum.update(from > front.size() ? payload.from(from - front.size()) : payload);
    return sum.value();
}

result<void> encoder::encode_general(bytes_view payload, buffer& out) const {
    if (auto allowed = refuse_payload(payload); !allowed) return allowed;
    const std::size_t before = out.size();
    put_header(payload, out);
    const std::size_t front_bytes = out.size() - before;
    out.append(payload);
    return finish_frame(out, before, front_bytes);
}

result<void> encoder::encode_in_place(buffer& content) const {
    if (auto allowed = refuse_payload(content.view()); !allowed) {
        content.clear();
        return allowed;
    }
    buffer front;
    put_header(content.view(), front);
    content.prepend(front.view());
    return finish_frame(content, 0, front.size());
}

// Completes the frame of which put_header() appended `front_bytes` bytes after `before` other bytes of `out`, and which
// ends with the payload.
result<void> encoder::finish_frame(buffer& out, std::size_t before, std::size_t front_bytes) const {
    const format& machine = *machine_;
    const std::size_t payload_bytes = out.size() - before - front_bytes;
    if (check_bytes_ != 0) {
        const bytes_view frame = out.view().from(before);
        const std::uint32_t sum = sum_of(frame.first(front_bytes), frame.from(front_bytes));
        put_checksum(sum, check_bytes_, framing_.fields().check_byte_order(), out);
    }
    if (std::string why = refuse_own_header(out.view().from(before), front_bytes); !why.empty()) {
        out.truncate(before);
        return refuse(errc::unencodable, std::move(why));
    }
    if (stuffs_) machine.stuff(out, before + front_bytes);
    // With header=keep, refuse_header() has accepted the size of the body.
    const std::size_t body_begin = before + front_bytes + framing_.fields().kept_of(0);
    const bytes_view body = out.view().from(body_begin);
    if (std::string why = header_ == header_rule::keep ? std::string() : machine.refuse(body); !why.empty()) {
        const bool may_be_the_checksum = check_bytes_ != 0 && !stuffs_ && !framing_.fields().has_length();
        if (may_be_the_checksum && machine.refuse(body.first(payload_bytes)).empty()) {
            why += " (its checksum is " + to_hex(body.from(payload_bytes)) +
                   ", which this framing cannot escape; a framing with a length, such as len32, can carry it)";
        }
        out.truncate(before);
        return refuse(errc::unencodable, std::move(why));
    }
    const bytes_view frame = out.view().from(before);
    machine.put_trailer(frame.first(front_bytes), frame.from(front_bytes), out);
    return {};
}

result<bool> encoder::encode_around(bytes_view payload, buffer& front, buffer& back) const {
    const description& fields = framing_.fields();
    const bool takes_any_body = (fields.has_length() && fields.times == 1) || fields.kind == framing_kind::netstring ||
                                fields.kind == framing_kind::header;
    if (stuffs_ || fields.kind == framing_kind::custom) return false;
    if (!takes_any_body && (check_bytes_ != 0 || fields.has_length())) return false;
    if (auto allowed = refuse_payload(payload); !allowed) return allowed.error();
    if (!takes_any_body) {
        if (std::string why = machine_->refuse(payload); !why.empty()) {
            return refuse(errc::unencodable, std::move(why));
        }
    }
    const std::size_t before = front.size();
    put_header(payload, front);
    const bytes_view header = front.view().from(before);
    if (check_bytes_ != 0) put_checksum(sum_of(header, payload), check_bytes_, fields.check_byte_order(), back);
    machine_->put_trailer(header, payload, back);
    return true;
}

}  // namespace weir
