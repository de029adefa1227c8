// A stream on top of another one, as a simple substitute for TLS. It must read before it may write, because both sides
// exchange a hello. It changes the bytes on the wire, and the end of the stream without a farewell is an error.
//
//     hello          48
//     record         length 1..255, then that many bytes, each changed
//     farewell       00
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/loop.h"
#include "weir/socket/kernel_view.h"
#include "weir/stream/handshake.h"
#include "weir/stream/wrapper.h"

namespace weir_test {

using namespace weir;

class toy_transform final : public byte_stream, private byte_stream::user {
public:
    explicit toy_transform(owned_stream below) : below_(std::move(below)) {
        below_->set_user(*this);
        greet();
    }

    void set_user(byte_stream::user& one) noexcept override {
        byte_stream::set_user(one);
        write();  // sends what halt() left
    }
    std::optional<arrival> receive() override {
        greet();
        write();
        if (auto came = take()) return came;
        read_ahead();
        if (auto came = take()) return came;
        is_receiving_ = true;
        return {};
    }

    std::optional<outcome> send(buffer& bytes) override {
        greet();
        plain_.append(bytes.view());
        bytes.clear();
        if (!hears_) read_ahead();
        push();
        if (auto done = sent_all()) return done;
        is_sending_ = true;
        return {};
    }
    std::size_t unsent() const noexcept override {
        return plain_.size() + cipher_.size() + (writes_ ? below_->unsent() : 0);
    }

    std::size_t untaken() const noexcept override { return plain_.size() + cipher_.size() + below_->untaken(); }

    std::optional<outcome> shutdown_send() override {
        ends_ = true;
        greet();
        if (!hears_) read_ahead();
        push();
        if (shut_down_ || failure_) return failure_.value_or(outcome{});
        is_sending_ = true;
        return {};
    }
    // Encoded records cannot be turned back into plain bytes. They are sent before anything that the next user sends.
    std::optional<outcome> halt() override {
        const auto halted = below_->halt();
        if (halted && !halted->good()) return halted;
        is_receiving_ = false;
        is_sending_ = false;
        if (halted) below_has_halted();
        return halted;
    }
    send_queue take_unsent() noexcept override { return std::exchange(plain_, {}); }
    void close(bool reset) noexcept override {
        below_.release()->close(reset);
        delete this;
    }
    address local_address() const override { return below_->local_address(); }
    address peer_address() const override { return below_->peer_address(); }
    result<credentials> peer_credentials() const override { return below_->peer_credentials(); }
    result<kernel_view> ask_kernel() const override { return below_->ask_kernel(); }

private:
    ~toy_transform() override = default;

    static constexpr std::byte hello{'H'};
    static constexpr std::byte change{0x5a};

    void greet() {
        if (std::exchange(greeted_, true)) return;
        cipher_.append({&hello, 1});
        write();
    }

    // Reads from the stream below, until nothing is left or there are enough bytes for the user.
    void read_ahead() {
        while (!reads_ && !over_ && in_.size() < 1000) {
            auto came = below_->receive();
            if (!came) {
                reads_ = true;
                return;
            }
            hear(std::move(*came));
        }
    }

    void hear(arrival came) {
        if (!came.how.good() || came.bytes.empty()) {
            over_ = came.how.good() && !farewell_ ? outcome{errc::truncated} : came.how;
            return;
        }
        wire_.append(came.bytes.view());
        came.bytes.give_back();
        if (!hears_ && !wire_.empty()) {
            hears_ = true;
            wire_.consume(1);
        }
        while (!wire_.empty() && !farewell_) {
            const auto size = std::to_integer<std::size_t>(wire_.view()[0]);
            if (wire_.size() < 1 + size) break;
            farewell_ = size == 0;
            for (std::size_t i = 1; i <= size; ++i) {
                const std::byte plain = wire_.view()[i] ^ change;
                in_.append({&plain, 1});
            }
            wire_.consume(1 + size);
        }
    }

    std::optional<arrival> take() {
        if (!in_.empty()) {
            if (const auto room = wanted_room(); !room.empty()) {
                const std::size_t size = std::min(room.size(), in_.size());
                std::ranges::copy(in_.view().first(size), room.begin());
                in_.consume(size);
                return arrival{{}, {}, size};
            }
            arrival came{{}, loop::current().memory().lend_a_copy(in_.view())};
            in_.clear();
            return came;
        }
        if (farewell_) return arrival{};
        if (over_) return arrival{*over_, {}};
        return {};
    }

    std::span<std::byte> wanted_room() {
        return current_user().wants_room() ? current_user().room() : std::span<std::byte>();
    }

    void push() {
        if (!hears_) return;
        while (!plain_.empty()) {
            const std::size_t size = std::min<std::size_t>(plain_.size(), 255);
            const auto length = static_cast<std::byte>(size);
            cipher_.append({&length, 1});
            for (std::size_t i = 0; i < size; ++i) {
                const std::byte changed = plain_.view()[i] ^ change;
                cipher_.append({&changed, 1});
            }
            plain_.consume(size);
        }
        if (ends_ && !std::exchange(said_farewell_, true)) {
            const std::byte none{0};
            cipher_.append({&none, 1});
        }
        write();
    }

    void write() {
        while (!writes_ && !cipher_.empty() && !failure_) {
            leaving_.swap(cipher_);
            const auto done = below_->send(leaving_);
            if (!done) {
                writes_ = true;
            } else if (!done->good()) {
                failure_ = *done;
            }
        }
        if (said_farewell_ && !writes_ && cipher_.empty() && !failure_ && !std::exchange(shut_down_, true))
            static_cast<void>(below_->shutdown_send());
    }

    std::optional<outcome> sent_all() {
        if (failure_) return failure_;
        if (ends_) return shut_down_ ? std::optional(outcome{}) : std::nullopt;
        if (plain_.empty() && cipher_.empty() && !writes_) return outcome{};
        if (over_ && !hears_) return outcome{errc::broken_pipe};
        return {};
    }

    void on_received(arrival came) noexcept override {
        reads_ = false;
        hear(std::move(came));
        push();
        if (is_receiving_) {
            if (auto given = take()) {
                is_receiving_ = false;
                current_user().on_received(std::move(*given));
            } else {
                read_ahead();
                if (auto later = take()) {
                    is_receiving_ = false;
                    current_user().on_received(std::move(*later));
                }
            }
        }
        tell_sent();
    }
    void on_sent(outcome how) noexcept override {
        writes_ = false;
        if (!how.good()) failure_ = how;
        write();
        tell_sent();
    }
    void on_halted() noexcept override {
        below_has_halted();
        current_user().on_halted();
    }
    void below_has_halted() {
        reads_ = false;
        if (!std::exchange(writes_, false)) return;
        buffer unsent = std::move(below_->take_unsent().bytes());
        unsent.append(cipher_.view());
        cipher_ = std::move(unsent);
    }
    void tell_sent() {
        if (!is_sending_) return;
        const auto done = sent_all();
        if (!done) return;
        is_sending_ = false;
        current_user().on_sent(*done);
    }

    owned_stream below_;
    buffer wire_;     // received, but not yet a whole record
    buffer in_;       // decoded, for the user
    buffer plain_;    // to be encoded
    buffer cipher_;   // encoded, to be sent
    buffer leaving_;  // empty; its memory is reused
    std::optional<outcome> over_;
    std::optional<outcome> failure_;
    bool greeted_ = false;
    bool hears_ = false;  // the peer's hello has arrived
    bool farewell_ = false;
    bool said_farewell_ = false;
    bool shut_down_ = false;
    bool ends_ = false;
    bool reads_ = false;
    bool writes_ = false;
    bool is_receiving_ = false;
    bool is_sending_ = false;
};

// Both sides exchange the name of the transform, in two pieces. Then the transform wraps the stream.
class toy_wrapper final : public wrapper {
public:
    enum class role : std::uint8_t { speaks, answers };
    explicit toy_wrapper(role as = role::speaks) noexcept : role_(as) {}

    std::string_view name() const noexcept override { return "toy"; }
    task<result<owned_stream>> wrap(owned_stream below, peer_facts& peer) const override {
        handshake opening(std::move(below));
        if (role_ == role::speaks) {
            task<result<void>> speaking = speak(opening);
            if (auto spoke = co_await std::move(speaking); !spoke) co_return spoke.error();
        }
        if (auto heard = co_await opening.receive_at_least(4); !heard) co_return heard.error();
        if (opening.received().view().first(4) != bytes_view("toy\n"))
            co_return error(errc::malformed, {}, {}, "the peer does not speak toy");
        opening.received().consume(4);
        if (role_ == role::answers) {
            task<result<void>> speaking = speak(opening);
            if (auto spoke = co_await std::move(speaking); !spoke) co_return spoke.error();
        }
        peer.set("toy.version", "1");
        co_return owned_stream(new toy_transform(opening.release()));
    }

private:
    static task<result<void>> speak(handshake& opening) {
        for (const std::string_view piece : {"to", "y\n"}) {
            if (auto sent = co_await opening.send(piece); !sent) co_return sent.error();
        }
        co_return result<void>();
    }

    role role_;
};

}  // namespace weir_test
