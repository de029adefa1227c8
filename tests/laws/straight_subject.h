// The decoder of weir, with input that is read directly into its memory whenever it has room. The laws must hold for
// this input path, too.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>

#include "weir/framing/decoder_memory.h"
#include "weir/framing/laws/subject.h"

namespace any_framing {

class straight_subject final : public weir::laws::subject {
public:
    explicit straight_subject(const weir::framing& described)
        : fed_(weir::laws::subject_of(described)), decoder_(described) {}
    straight_subject(const straight_subject& other)
        : fed_(other.fed_->fresh()), decoder_(other.decoder_), turn_(other.turn_) {}

    std::unique_ptr<subject> fresh() const override { return std::make_unique<straight_subject>(decoder_.described()); }
    std::unique_ptr<subject> copy() const override { return std::make_unique<straight_subject>(*this); }
    bool same_state(const subject& other) const override {
        return decoder_ == static_cast<const straight_subject&>(other).decoder_;
    }

    void feed(weir::bytes_view input) override {
        left_ = input;
        is_finished_ = false;
        go_on();
    }
    void finish() override {
        is_finished_ = true;
        if (left_.empty()) decoder_.finish();
    }
    void gap() override { decoder_.gap(); }
    weir::decoder::event next() override {
        for (;;) {
            const weir::decoder::event step = decoder_.next();
            const bool lends = weir::decoder_memory::taken(decoder_) != 0;
            WEIR_CHECK(weir::decoder_memory::room(decoder_, 1, 1).empty() || !lends,
                       "decoder_memory::room() is where a message lies");
            if (step.what != weir::decoder::more || left_.empty()) return step;
            go_on();
        }
    }
    weir::errc failure() const override { return decoder_.failure().code(); }
    std::uint64_t failed_at() const override { return decoder_.failed_at(); }
    std::size_t held() const override { return weir::decoder_memory::held(decoder_); }
    std::uint64_t looked() const override { return decoder_.looked(); }

    weir::result<void> encode(weir::bytes_view payload, weir::buffer& out) const override {
        return fed_->encode(payload, out);
    }
    std::uint64_t limit() const override { return fed_->limit(); }
    std::size_t overhead() const override { return fed_->overhead(); }
    std::uint64_t most_looks() const override { return fed_->most_looks(); }
    weir::laws::sensitivity depends_on() const override { return fed_->depends_on(); }
    bool reads_all() const override { return fed_->reads_all(); }
    bool writes_one_way() const override { return fed_->writes_one_way(); }
    std::size_t checksum_bytes() const override { return fed_->checksum_bytes(); }
    std::unique_ptr<subject> generous() const override { return fed_->generous(); }
    std::string name() const override { return fed_->name() + ", read straight"; }

private:
    // Feeds the next part of the remaining input: as much as the decoder has room for, or all of it.
    void go_on() {
        ++turn_;
        const auto missing =
            static_cast<std::size_t>(std::min<std::uint64_t>(weir::decoder_memory::missing(decoder_), left_.size()));
        const std::size_t expected = std::max(turn_ * 7 % 11, missing);
        weir::buffer memory;
        const bool has_none = weir::decoder_memory::allocated(decoder_) == 0;
        if (has_none && turn_ % 4 != 1) memory.prepare(std::size_t{64} << turn_ % 3);
        const std::size_t told = weir::decoder_memory::room_bytes(decoder_, expected, memory.capacity(), 1);
        if (has_none) weir::decoder_memory::swap(decoder_, memory);
        const auto room = weir::decoder_memory::room(decoder_, expected, 1);
        WEIR_CHECK(room.size() == told, "decoder_memory::room_bytes() is not the size of room()");
        const std::size_t count = std::min(room.size(), left_.size());
        if (count == 0) {
            decoder_.feed(std::exchange(left_, {}));
        } else {
            std::memcpy(room.data(), left_.data(), count);
            weir::decoder_memory::collected(decoder_, count);
            left_ = left_.from(count);
        }
        if (left_.empty() && is_finished_) decoder_.finish();
    }

    std::unique_ptr<subject> fed_;
    weir::decoder decoder_;
    weir::bytes_view left_;
    std::size_t turn_ = 0;
    bool is_finished_ = false;
};

}  // namespace any_framing
