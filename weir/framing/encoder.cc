#include "weir/framing/encoder.h"

#include <algorithm>

#include "weir/base/text.h"
#include "weir/framing/formats/checksum.h"

namespace weir {

encoder::encoder(framing described)
    : framing_(std::move(described)), machine_(&framing_.machine()), limit_(framing_.limit()),
      check_bytes_(framing_.fields().check_bytes()), keep_header_(framing_.fields().keep_header),
      empty_allowed_(framing_.fields().empty_allowed), stuffs_(machine_->stuffs()) {
    if (check_bytes_ != 0 || keep_header_) return;
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
                                             std::to_string(machine_->announced(payload.first(said.header))) +
                                             ", but it has " + say_size(payload.size()));
    }
    const std::uint64_t announced = said.header + said.body - check_bytes_;
    if (announced != payload.size()) {
        return refuse(errc::unencodable, "its header announces a message of " + say_size(announced) + ", but it has " +
                                             say_size(payload.size()));
    }
    if (announced == said.header && !framing_.fields().empty_allowed) {
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
            if (empty_allowed_ || keep_header_) break;
            return refuse(errc::unencodable, "it is empty, and empty=reject refuses that");
        case fit::too_large:
            return refuse(errc::too_large,
                          "a message of " + say_size(payload.size()) + " is over the limit of " + say_size(limit_));
    }
    return keep_header_ ? refuse_header(payload) : result<void>();
}

// Returns the checksum. With header=keep, the payload contains its header, and `header` is empty.
std::uint32_t encoder::sum_of(bytes_view header, bytes_view payload) const {
    std::size_t from = framing_.fields().cover.value_or(header.size());
    if (keep_header_ && !framing_.fields().cover) {
        std::uint64_t looked = 0;
        from = machine_->measure({payload, 0, false}, looked).header;
    }
    running_checksum sum(framing_.fields().checksum);
    if (from < header.size()) sum.update(header.from(from));
    sum.update(from > header.size() ? payload.from(from - header.size()) : payload);
    return sum.value();
}

result<void> encoder::encode_general(bytes_view payload, buffer& out) const {
    if (auto allowed = refuse_payload(payload); !allowed) return allowed;
    const std::size_t before = out.size();
    if (!keep_header_) machine_->put_header(payload.size() + check_bytes_, out);
    const std::size_t header_bytes = out.size() - before;
    out.append(payload);
    return finish_frame(out, before, header_bytes);
}

result<void> encoder::encode_in_place(buffer& content) const {
    if (auto allowed = refuse_payload(content.view()); !allowed) {
        content.clear();
        return allowed;
    }
    buffer header;
    if (!keep_header_) machine_->put_header(content.size() + check_bytes_, header);
    content.prepend(header.view());
    return finish_frame(content, 0, header.size());
}

// Completes the frame whose header and payload are in `out` after `before` other bytes.
result<void> encoder::finish_frame(buffer& out, std::size_t before, std::size_t header_bytes) const {
    const format& machine = *machine_;
    const std::size_t payload_bytes = out.size() - before - header_bytes;
    if (check_bytes_ != 0) {
        const bytes_view frame = out.view().from(before);
        const std::uint32_t sum = sum_of(frame.first(header_bytes), frame.from(header_bytes));
        put_checksum(sum, check_bytes_, framing_.fields().check_byte_order(), out);
    }
    if (std::string why = refuse_own_header(out.view().from(before), header_bytes); !why.empty()) {
        out.truncate(before);
        return refuse(errc::unencodable, std::move(why));
    }
    if (stuffs_) machine.stuff(out, before + header_bytes);
    if (std::string why = machine.refuse(out.view().from(before + header_bytes)); !why.empty()) {
        const bytes_view body = out.view().from(before + header_bytes);
        if (!stuffs_ && check_bytes_ != 0 && machine.refuse(body.first(payload_bytes)).empty()) {
            why += " (its checksum is " + to_hex(body.from(payload_bytes)) +
                   ", which this framing cannot escape; a framing with a length, such as len32, can carry it)";
        }
        out.truncate(before);
        return refuse(errc::unencodable, std::move(why));
    }
    const bytes_view frame = out.view().from(before);
    machine.put_trailer(frame.first(header_bytes), frame.from(header_bytes), out);
    return {};
}

result<bool> encoder::encode_around(bytes_view payload, buffer& front, buffer& back) const {
    const framing_kind kind = framing_.fields().kind;
    const bool takes_any_body =
        kind == framing_kind::length || kind == framing_kind::varint || kind == framing_kind::netstring;
    if (stuffs_ || kind == framing_kind::custom || (check_bytes_ != 0 && !takes_any_body)) return false;
    if (auto allowed = refuse_payload(payload); !allowed) return allowed.error();
    if (std::string why = machine_->refuse(payload); !why.empty()) return refuse(errc::unencodable, std::move(why));
    const std::size_t before = front.size();
    if (!keep_header_) machine_->put_header(payload.size() + check_bytes_, front);
    const bytes_view header = front.view().from(before);
    if (check_bytes_ != 0)
        put_checksum(sum_of(header, payload), check_bytes_, framing_.fields().check_byte_order(), back);
    machine_->put_trailer(header, payload, back);
    return true;
}

}  // namespace weir
