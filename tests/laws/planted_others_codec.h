// The common part of the planted codecs. A codec reads the stream byte by byte, so a correct one cannot depend on how
// the stream is cut. Its whole state is one value that can be compared. This file has no code for a particular framing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "planted_others.h"
#include "weir/framing/formats/checksum.h"

namespace planted::others {

struct progress {
    friend bool operator==(const progress&, const progress&) = default;

    bool begun = false;          // bytes of a frame have arrived
    bool oversize = false;       // the message of the frame is over the limit
    int phase = 0;               // its meaning depends on the codec
    std::uint64_t at = 0;        // bytes of the stream that were used
    std::uint64_t frame_at = 0;  // where the frame began
    std::uint64_t number = 0;    // the part of the length that was read
    std::uint64_t left = 0;      // missing bytes of the body
    std::uint64_t passed = 0;    // bytes of an oversize message that were dropped or streamed
    std::size_t start_seen = 0;  // bytes of the start mark that were read
    bool escaped = false;        // the last byte was the first of an escape pair
    std::uint8_t wire_xor = 0;
    std::uint32_t last_sum = 0;  // only some mistakes use these four members
    std::size_t matched = 0;
    std::size_t piece_from = 0;
    std::size_t sum_from = 0;
    weir::bytes header;
    weir::bytes collected;
    bool finished = false;
    weir::errc failure = weir::errc::none;
    std::uint64_t failed_at = 0;
};

class codec : public weir::laws::subject {
public:
    using event = weir::decoder::event;

    void feed(weir::bytes_view input) override;
    void finish() override { now_.finished = true; }
    event next() override;
    bool same_state(const subject& other) const override { return now_ == static_cast<const codec&>(other).now_; }
    weir::errc failure() const override { return now_.failure; }
    std::uint64_t failed_at() const override { return now_.failed_at; }
    std::size_t held() const override { return lent_ ? 0 : now_.header.size() + now_.collected.size(); }
    std::uint64_t looked() const override { return looked_; }
    weir::result<void> encode(weir::bytes_view payload, weir::buffer& out) const override {
        return encoder_.encode(payload, out);
    }
    std::uint64_t limit() const override { return encoder_.limit(); }
    std::size_t overhead() const override { return right_->overhead(); }
    bool reads_all() const override { return right_->reads_all(); }
    bool writes_one_way() const override { return right_->writes_one_way(); }
    std::size_t checksum_bytes() const override { return right_->checksum_bytes(); }
    std::unique_ptr<subject> generous() const override { return right_->generous(); }
    std::string name() const override { return name_; }

protected:
    codec(const std::string& text, const std::string& mistake);

    // Reads one byte of the stream. Returns the event that this byte completes, if any.
    virtual std::optional<event> step(std::byte next) = 0;
    virtual void piece_begins(weir::bytes_view) {}
    virtual bool partial() const { return now_.begun; }

    const weir::description& fields() const { return encoder_.described().fields(); }
    const std::byte* last_byte() const { return cursor_ - 1; }
    event fail(weir::errc why, std::uint64_t place);
    // Ends the frame. The payload stays valid until the next call.
    event deliver(weir::bytes_view payload);
    // Ends the frame without a payload.
    void forget();
    bool checksum_holds(weir::bytes_view covered, weir::bytes_view wire) const;

    progress now_;
    std::uint64_t looked_ = 0;

private:
    const std::byte* cursor_ = nullptr;
    const std::byte* end_ = nullptr;
    bool lent_ = false;
    weir::encoder encoder_;
    std::shared_ptr<const subject> right_;  // a codec of the same framing without a mistake
    std::string name_;
};

inline codec::codec(const std::string& text, const std::string& mistake)
    : encoder_(*weir::framing::parse(text)), right_(weir::laws::subject_of(encoder_.described())),
      name_(mistake.empty() ? text : text + ": " + mistake) {}

inline void codec::feed(weir::bytes_view input) {
    cursor_ = input.begin();
    end_ = input.end();
    if (lent_) now_.collected.clear();
    lent_ = false;
    piece_begins(input);
}

inline codec::event codec::next() {
    if (now_.failure != weir::errc::none) return event(weir::decoder::failed);
    if (lent_) now_.collected.clear();
    lent_ = false;
    while (cursor_ != end_) {
        ++looked_;
        ++now_.at;
        if (const auto completed = step(*cursor_++)) return *completed;
    }
    if (!now_.finished) return event(weir::decoder::more);
    return partial() ? fail(weir::errc::truncated, now_.at) : event(weir::decoder::end);
}

inline codec::event codec::fail(weir::errc why, std::uint64_t place) {
    forget();
    cursor_ = end_;
    now_.failure = why;
    now_.failed_at = place;
    return event(weir::decoder::failed);
}

inline codec::event codec::deliver(weir::bytes_view payload) {
    lent_ = true;
    weir::bytes kept = std::move(now_.collected);
    forget();
    now_.collected = std::move(kept);
    return event(weir::decoder::message, payload);
}

inline void codec::forget() {
    progress left;
    left.at = now_.at;
    left.finished = now_.finished;
    left.last_sum = now_.last_sum;
    now_ = left;
}

inline bool codec::checksum_holds(weir::bytes_view covered, weir::bytes_view wire) const {
    weir::running_checksum sum(fields().checksum);
    sum.update(covered);
    return sum.value() == weir::read_checksum(wire, fields().check_byte_order());
}

// Adds copy() and fresh() to a codec.
template <class Codec>
class copied : public Codec {
public:
    using mistake = typename Codec::mistake;

    copied(std::string text, mistake which, std::string said)
        : Codec(text, which, said), text_(std::move(text)), said_(std::move(said)), which_(which) {}

    std::unique_ptr<weir::laws::subject> fresh() const override {
        return std::make_unique<copied>(text_, which_, said_);
    }
    std::unique_ptr<weir::laws::subject> copy() const override { return std::make_unique<copied>(*this); }

private:
    std::string text_;
    std::string said_;
    mistake which_;
};

template <class Codec>
planted plant(const std::string& text, typename Codec::mistake which, const std::string& said,
              std::vector<weir::bytes> messages) {
    return {said.empty() ? text : text + ": " + said, std::make_unique<copied<Codec>>(text, which, said),
            std::move(messages)};
}

// The parts of planted_others() and sound_others().
void plant_marks(std::vector<planted>& all);
void plant_sizes(std::vector<planted>& all);
void plant_around(std::vector<planted>& all);
void sound_marks(std::vector<planted>& all);
void sound_sizes(std::vector<planted>& all);

}  // namespace planted::others
