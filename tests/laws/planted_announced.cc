// The reader that all planted decoders of announced sizes share, and the list of them.
#include "tests/laws/planted_announced.h"

#include "planted_announced_reader.h"
#include "weir/base/internal/random.h"

namespace planted {
namespace announced {

using weir::bytes_view;
using weir::decoder;
using weir::errc;

reader::event reader::next() {
    if (now_.failure != errc::none) return event(decoder::failed);
    while (cursor_ != end_) {
        if (!partial()) now_.frame_at = now_.at;
        ++looked_;
        ++now_.at;
        ++in_piece_;
        const std::byte next = *cursor_++;
        const auto value = std::to_integer<std::uint8_t>(next);
        step_result completed;
        switch (now_.where) {
            case stage::head:
                now_.head.append(value);
                completed = head_byte(value);
                break;
            case stage::body: completed = body_byte(value); break;
            case stage::trailer: completed = tail_byte(value); break;
        }
        if (completed) return *completed;
    }
    if (!now_.finished) return event(decoder::more);
    return partial() ? fail(errc::truncated, now_.at) : event(decoder::end);
}

reader::step_result reader::body_byte(std::uint8_t next) {
    now_.body.append(next);
    if (--now_.left != 0) return std::nullopt;
    return body_done();
}

reader::step_result reader::tail_byte(std::uint8_t next) {
    now_.tail.append(next);
    const bytes_view right = trailer();
    if (now_.tail.size() < right.size()) return std::nullopt;
    if (now_.tail.view() == right) return complete();
    std::size_t good = 0;
    while (now_.tail[good] == right[good]) ++good;
    return malformed(now_.at - right.size() + good);
}

reader::step_result reader::body_done() {
    now_.where = stage::trailer;
    if (trailer().empty()) return complete();
    return std::nullopt;
}

reader::step_result reader::announce(std::uint64_t body_bytes, std::uint64_t length_at) {
    if (body_bytes < check_bytes()) return malformed(length_at);
    const std::uint64_t kept = kept_bytes();
    const std::uint64_t payload = body_bytes - check_bytes();
    if (payload > form_.limit || payload + kept > form_.limit) return fail(errc::too_large, length_at);
    now_.found = true;
    now_.left = body_bytes;
    now_.where = stage::body;
    if (body_bytes != 0) return std::nullopt;
    return body_done();
}

reader::event reader::fail(errc why, std::uint64_t place) {
    forget();
    cursor_ = end_;
    now_.failure = why;
    now_.failed_at = place;
    return event(decoder::failed);
}

reader::event reader::deliver() {
    message_ = now_.head.view().from(stripped());
    message_.append(now_.body.view().first(now_.body.size() - check_bytes()));
    forget();
    return event(decoder::message, message_.view());
}

void reader::forget() {
    progress left;
    left.at = left.frame_at = now_.at;
    left.finished = now_.finished;
    left.carried = now_.carried;
    now_ = left;
}

bool reader::decodes_to_itself(bytes_view payload) const {
    const auto twin = fresh();
    twin->feed(payload);
    const event first = twin->next();
    if (first.what != decoder::message || first.payload != payload) return false;
    return twin->next().what == decoder::more && twin->held() == 0;
}

weir::result<void> reader::encode(bytes_view payload, weir::buffer& out) const {
    if (payload.size() > most_encoded()) return weir::error(errc::too_large, "encode", name());
    std::string frame;
    if (!put_frame(payload, frame)) return weir::error(errc::unencodable, "encode", name());
    out.append(frame);
    return {};
}

namespace {

struct all_cases {
    std::vector<announced_case> bugs;
    std::vector<announced_case> sound;
};

all_cases plant_all() {
    all_cases all;
    for (const auto add : {plant_binary, plant_ber, plant_text, plant_header, plant_slip}) add(all.bugs, all.sound);
    return all;
}

}  // namespace
}  // namespace announced

std::vector<announced_case> announced_bugs() { return announced::plant_all().bugs; }

std::vector<announced_case> sound_announced() { return announced::plant_all().sound; }

std::vector<weir::bytes> drawn_streams(const announced_case& one, std::size_t count, std::uint64_t seed) {
    weir::internal::random_source draw(seed);
    const weir::encoder encode(*weir::framing::parse(one.text));
    std::vector<weir::bytes> streams;
    for (std::size_t i = 0; i < count; ++i) {
        weir::buffer stream;
        for (std::uint64_t left = draw.between(1, 4); left != 0; --left) {
            if (draw.one_in(2)) static_cast<void>(encode.encode(one.messages[draw.below(one.messages.size())], stream));
            else stream.append(one.parts[draw.below(one.parts.size())]);
        }
        weir::bytes changed(stream.view());
        if (draw.one_in(4) && !changed.empty()) changed[draw.below(changed.size())] ^= std::byte{1} << draw.below(8);
        if (draw.one_in(6)) changed.resize(draw.below(changed.size() + 1));
        streams.push_back(std::move(changed));
    }
    return streams;
}

}  // namespace planted
