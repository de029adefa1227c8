// The common part of the planted decoders of announced sizes. A decoder reads the stream byte by byte: first a head,
// then the announced body, and then a trailer. Its whole state is one value that can be compared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/laws/planted_announced.h"

namespace planted::announced {

enum class stage : std::uint8_t { head, body, trailer };

struct progress {
    friend bool operator==(const progress&, const progress&) = default;

    stage where = stage::head;
    std::uint64_t at = 0;        // bytes of the stream that were read
    std::uint64_t frame_at = 0;  // where the frame began
    std::uint64_t number = 0;    // the part of the length that was read
    std::uint64_t left = 0;      // missing bytes of the body
    std::size_t line_at = 0;     // where the current line begins in the head
    std::size_t mark = 0;        // only some mistakes use it; reset for each frame
    std::uint64_t carried = 0;   // only some mistakes use it; never reset
    weir::bytes head;
    weir::bytes body;
    weir::bytes tail;
    bool found = false;    // the head has announced a size
    bool escaped = false;  // the last byte was an escape byte
    bool finished = false;
    weir::errc failure = weir::errc::none;
    std::uint64_t failed_at = 0;
};

// A framing, with the facts about it that the laws ask for.
struct form {
    std::string_view text;
    std::uint64_t limit;
    std::size_t overhead;
    bool reads_all;  // every byte matters, and each message has one encoding
    std::size_t checksum_bytes = 0;
};

class reader : public weir::laws::subject {
public:
    using event = weir::decoder::event;
    using step_result = std::optional<event>;

    explicit reader(const form& about) : form_(about) {}

    bool same_state(const subject& other) const override { return now_ == static_cast<const reader&>(other).now_; }
    void feed(weir::bytes_view input) override {
        cursor_ = input.begin();
        end_ = input.end();
        in_piece_ = 0;
        piece_begins();
    }
    void finish() override { now_.finished = true; }
    event next() override;
    weir::errc failure() const override { return now_.failure; }
    std::uint64_t failed_at() const override { return now_.failed_at; }
    std::size_t held() const override { return now_.head.size() + now_.body.size() + now_.tail.size(); }
    std::uint64_t looked() const override { return looked_; }
    weir::result<void> encode(weir::bytes_view payload, weir::buffer& out) const override;
    std::uint64_t limit() const override { return form_.limit; }
    std::size_t overhead() const override { return form_.overhead; }
    bool reads_all() const override { return form_.reads_all; }
    bool writes_one_way() const override { return form_.reads_all; }
    std::size_t checksum_bytes() const override { return form_.checksum_bytes; }

protected:
    // Reads a byte of the head, which is already at the end of now_.head.
    virtual step_result head_byte(std::uint8_t next) = 0;
    virtual step_result body_byte(std::uint8_t next);
    virtual step_result tail_byte(std::uint8_t next);
    // The frame is complete: checks it, and returns its message.
    virtual event complete() { return deliver(); }
    virtual weir::bytes_view trailer() const { return {}; }
    // The number of bytes at the front of the head that do not belong to the message.
    virtual std::size_t stripped() const { return now_.head.size(); }
    virtual std::size_t kept_bytes() const { return now_.head.size() - stripped(); }
    virtual std::size_t check_bytes() const { return 0; }
    virtual void piece_begins() {}
    // The size of the largest payload that encode() does not refuse.
    virtual std::uint64_t most_encoded() const { return form_.limit; }
    virtual bool partial() const { return now_.where != stage::head || held() != 0; }
    // Appends the frame of a payload within the limit. Returns false if the framing cannot carry it.
    virtual bool put_frame(weir::bytes_view payload, std::string& out) const = 0;

    // Compares the size of the message with the limit, and begins the body.
    step_result announce(std::uint64_t body_bytes, std::uint64_t length_at);
    step_result body_done();
    event fail(weir::errc why, std::uint64_t place);
    event malformed(std::uint64_t place) { return fail(weir::errc::malformed, place); }
    event deliver();
    void forget();
    std::size_t rest_of_piece() const { return static_cast<std::size_t>(end_ - cursor_); }
    std::size_t in_piece() const { return in_piece_; }
    // True when this decoder returns exactly this payload for these bytes: for header=keep.
    bool decodes_to_itself(weir::bytes_view payload) const;

    progress now_;

private:
    form form_;
    const std::byte* cursor_ = nullptr;
    const std::byte* end_ = nullptr;
    std::size_t in_piece_ = 0;  // bytes of the current piece that were read
    std::uint64_t looked_ = 0;
    weir::bytes message_;
};

// Adds copy(), fresh() and name() to a reader.
template <class Reader>
class planted_reader final : public Reader {
public:
    planted_reader(const form& about, typename Reader::shape wire, typename Reader::bug which, std::string called)
        : Reader(about, wire, which), form_(about), wire_(wire), which_(which), name_(std::move(called)) {}

    std::unique_ptr<weir::laws::subject> fresh() const override {
        return std::make_unique<planted_reader>(form_, wire_, which_, name_);
    }
    std::unique_ptr<weir::laws::subject> copy() const override { return std::make_unique<planted_reader>(*this); }
    std::string name() const override { return name_; }

private:
    form form_;
    typename Reader::shape wire_;
    typename Reader::bug which_;
    std::string name_;
};

// One framing with its decoder, and samples.
template <class Reader>
struct sample {
    form about;
    typename Reader::shape wire;
    std::vector<weir::bytes> messages;
    std::vector<weir::bytes> parts;
};

template <class Reader>
announced_case plant(const sample<Reader>& from, typename Reader::bug which, const std::string& said,
                     judge caught_by = judge::laws) {
    const std::string text(from.about.text);
    std::string name = said.empty() ? text : text + ": " + said;
    return {text,          name,
            caught_by,     std::make_unique<planted_reader<Reader>>(from.about, from.wire, which, name),
            from.messages, from.parts};
}

inline weir::bytes as_bytes(std::string_view content) { return weir::bytes(content); }
inline std::string raw(std::initializer_list<std::uint8_t> values) { return {values.begin(), values.end()}; }

// The parts of announced_bugs() and sound_announced().
void plant_binary(std::vector<announced_case>& bugs, std::vector<announced_case>& sound);
void plant_ber(std::vector<announced_case>& bugs, std::vector<announced_case>& sound);
void plant_text(std::vector<announced_case>& bugs, std::vector<announced_case>& sound);
void plant_header(std::vector<announced_case>& bugs, std::vector<announced_case>& sound);
void plant_slip(std::vector<announced_case>& bugs, std::vector<announced_case>& sound);

}  // namespace planted::announced
