// Planted mistakes in the use of a correct decoder, which a program can make with any framing. Also the list of all
// planted mistakes.
#include "planted_others.h"

#include <memory>

#include "planted_others_codec.h"

namespace planted {
namespace others {
namespace {

using weir::bytes;
using weir::bytes_view;
using weir::decoder;
using weir::errc;

enum class wrapping {
    starts_again_after_failure,
    place_in_piece,
    empty_pieces_left_out,
    empty_messages_left_out,
    copies_share,
    budget_of_messages,
    nothing_held_nothing_lost,
};

// The decoder and encoder of weir, with one mistake in their use.
class around final : public weir::laws::subject {
public:
    around(std::string text, wrapping which, std::string said)
        : text_(std::move(text)), said_(std::move(said)), which_(which),
          inner_(weir::laws::subject_of(*weir::framing::parse(text_))) {}

    std::unique_ptr<subject> fresh() const override { return std::make_unique<around>(text_, which_, said_); }
    std::unique_ptr<subject> copy() const override {
        auto made = std::make_unique<around>(*this);
        if (which_ != wrapping::copies_share) made->inner_ = inner_->copy();
        return made;
    }
    bool same_state(const subject& other) const override {
        return inner_->same_state(*static_cast<const around&>(other).inner_);
    }

    void feed(bytes_view input) override {
        before_piece_ = fed_;
        fed_ += input.size();
        messages_ = 0;
        if (failed_ && which_ == wrapping::starts_again_after_failure) inner_ = inner_->fresh();
        failed_ = false;
        inner_->feed(input);
    }
    void finish() override {
        finished_ = true;
        held_at_end_ = inner_->held();
        inner_->finish();
    }
    decoder::event next() override;
    errc failure() const override { return inner_->failure(); }
    std::uint64_t failed_at() const override {
        const std::uint64_t place = inner_->failed_at();
        return which_ == wrapping::place_in_piece && place >= before_piece_ ? place - before_piece_ : place;
    }
    std::size_t held() const override { return inner_->held(); }
    std::uint64_t looked() const override { return inner_->looked(); }
    weir::result<void> encode(bytes_view payload, weir::buffer& out) const override {
        return inner_->encode(payload, out);
    }
    std::uint64_t limit() const override { return inner_->limit(); }
    std::size_t overhead() const override { return inner_->overhead(); }
    bool reads_all() const override { return inner_->reads_all(); }
    bool writes_one_way() const override { return inner_->writes_one_way(); }
    std::size_t checksum_bytes() const override { return inner_->checksum_bytes(); }
    std::unique_ptr<subject> generous() const override { return inner_->generous(); }
    std::string name() const override { return text_ + ": " + said_; }

private:
    std::string text_;
    std::string said_;
    wrapping which_;
    std::shared_ptr<subject> inner_;
    std::uint64_t fed_ = 0;
    std::uint64_t before_piece_ = 0;
    std::size_t messages_ = 0;
    std::size_t held_at_end_ = 0;
    bool finished_ = false;
    bool failed_ = false;
};

decoder::event around::next() {
    constexpr std::size_t room_for_messages = 8;
    if (which_ == wrapping::budget_of_messages && messages_ == room_for_messages) {
        // The rest of the piece is lost.
        while (true) {
            const auto lost = inner_->next().what;
            if (lost == decoder::more || lost == decoder::end || lost == decoder::failed) break;
        }
        messages_ = 0;
        return decoder::event(finished_ ? decoder::end : decoder::more);
    }
    decoder::event came = inner_->next();
    while ((which_ == wrapping::empty_pieces_left_out && came.what == decoder::piece && came.payload.empty()) ||
           (which_ == wrapping::empty_messages_left_out && came.what == decoder::message && came.payload.empty()))
        came = inner_->next();
    if (came.what == decoder::message) ++messages_;
    failed_ = came.what == decoder::failed;
    if (failed_ && finished_ && inner_->failure() == errc::truncated) {
        if (which_ == wrapping::nothing_held_nothing_lost && held_at_end_ == 0) return decoder::event(decoder::end);
    }
    return came;
}

}  // namespace

void plant_around(std::vector<planted>& all) {
    const auto add = [&](const std::string& text, wrapping which, const std::string& said,
                         std::vector<bytes> messages) {
        all.push_back({text + ": " + said, std::make_unique<around>(text, which, said), std::move(messages)});
    };
    const std::vector<bytes> some{bytes("hello"), bytes(""), bytes("a"), bytes(std::string(16, 'x'))};
    const std::vector<bytes> stuffed{bytes{0x7e, 0x01, 0x7d}, bytes{}, bytes("a")};
    using enum wrapping;
    // The error callback resets the parser, and the next read begins in the middle of a frame. SCGI and MQTT servers.
    add("netstring,max=16", starts_again_after_failure, "after an error the next piece begins a new stream", some);
    // i, the index into the current read, is logged as the place in the stream.
    add("varint,max=16,check=crc32", place_in_piece, "the place of an error is counted from its piece", some);
    // if (size > 0) write(): the piece with the mark "last" was empty and is dropped, so the receiver waits.
    add(R"(delimited:"\r\n",max=16,oversize=stream)", empty_pieces_left_out,
        "an empty piece is dropped, and `last` with it", some);
    // HDLC ignores an empty frame between two flags. Here it is a message, and a counter of replies becomes wrong.
    add("delimited:7e,start=7e,escape=7d01:7d/7d02:7e,max=16", empty_messages_left_out, "empty messages are left out",
        stuffed);
    // A struct that contains a pointer is copied with =: the saved copy of a parser shares the state of the original.
    add("delimited:1c0d,start=0b,max=16", copies_share, "a copy goes on where the original does", some);
    // message found[8]: all but eight messages of a read are lost. Gateways that were never tested with a burst.
    add("varint,max=16", budget_of_messages, "more than eight messages in one piece are lost", some);
    // Nothing is held for a skipped message, so at the end of the stream `held == 0` looks like a boundary.
    add("varint,max=16,oversize=skip", nothing_held_nothing_lost, "a stream that ends while it skips ends well", some);
}

}  // namespace others

std::vector<planted> planted_others() {
    std::vector<planted> all;
    others::plant_marks(all);
    others::plant_sizes(all);
    others::plant_around(all);
    return all;
}

std::vector<planted> sound_others() {
    std::vector<planted> all;
    others::sound_marks(all);
    others::sound_sizes(all);
    return all;
}

}  // namespace planted
