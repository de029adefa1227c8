// A stream that encrypts ("seals") what it sends and decrypts ("opens") what it receives, on top of another stream. The
// bytes of one send() are sealed together, a record for each 16 KiB: the output of a turn is one record if it fits.
// Private.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "weir/base/buffer.h"
#include "weir/loop/byte_stream.h"
#include "weir/loop/internal/ready_list.h"
#include "weir/socket/kernel_view.h"
#include "weir/tls/internal/tls_machine.h"

namespace weir::internal {

// An idle stream owns no buffer. Thread safety: its loop's thread alone.
class tls_stream final : public byte_stream, private byte_stream::user, private ready_item {
public:
    // Plain bytes are sealed in pieces of this size. The next piece is sealed after the previous one was sent.
    static constexpr std::size_t piece_bytes = 64 * 1024;
    // Reading stops while at least this many bytes of answers to TLS messages of the peer (key updates) are unsent.
    static constexpr std::size_t most_answer_bytes = 16 * 1024;
    // The maximum size of consecutive TLS messages with no data between them. More is treated as a flood of key
    // updates: each has 27 bytes and costs microseconds.
    static constexpr std::size_t most_bytes_without_data = 64 * 1024;

    // Call it after the handshake. `early` contains the bytes that arrived after the handshake.
    tls_stream(owned_stream below, std::unique_ptr<tls_machine> machine, borrowed_buffer early);

    void set_user(byte_stream::user& one) noexcept override;
    std::optional<arrival> receive() override;
    std::optional<outcome> send(buffer& bytes) override;
    std::size_t unsent() const noexcept override;
    std::size_t untaken() const noexcept override;
    std::optional<outcome> shutdown_send() override;
    std::optional<outcome> halt() override;
    send_queue take_unsent() noexcept override;
    void close(bool reset) noexcept override;
    std::string explain(outcome failure) const override;

    address local_address() const override { return below_->local_address(); }
    address peer_address() const override { return below_->peer_address(); }
    result<credentials> peer_credentials() const override { return below_->peer_credentials(); }
    void limit_kernel_buffers(std::size_t receive_bytes, std::size_t send_bytes) noexcept override {
        below_->limit_kernel_buffers(receive_bytes, send_bytes);
    }
    result<kernel_view> ask_kernel() const override { return below_->ask_kernel(); }

private:
    // The operations that the user has submitted. `asked` lasts until the operation completes:
    //
    //     reading   idle ◀──▶ asked
    //     sending   idle ◀──▶ asked;  idle ──▶ ending ──▶ shutting ──▶ ended;  each ──▶ failed
    //
    // In `ending` close_notify is not sealed yet, in `shutting` it is. OpenSSL seals nothing while a TLS message has
    // arrived only in part. In that case the stream reads even if the user has not called receive(), and the opened
    // bytes stay in the machine.
    enum class reading : std::uint8_t { idle, asked };
    enum class sending : std::uint8_t { idle, asked, ending, shutting, ended, failed };
    // The state of sending on the stream below. It is separate, because the machine also sends answers to the peer.
    enum class below_sending : std::uint8_t { idle, busy, shutting };

    std::optional<arrival> open_input();
    void use_input(std::size_t before, bytes_view rest) noexcept;
    std::optional<arrival> open_into_room(bytes_view& input);
    std::optional<arrival> open_into_block(bytes_view& input);
    std::optional<arrival> opened_end(tls_machine::step how) const noexcept;
    arrival input_ended(outcome how) const noexcept;
    bool has_too_many_answers() const noexcept;

    bool is_sealing() const noexcept;
    std::optional<outcome> push() noexcept;
    tls_machine::step seal() noexcept;
    bool reads_for_sending() noexcept;
    outcome sending_failed(outcome how) noexcept;
    void answer() noexcept;
    std::optional<outcome> complete_sending() noexcept;
    void go_on_sending() noexcept;
    void sent(sending asked_for, outcome how) noexcept;
    void read_on() noexcept;
    void below_has_halted() noexcept;

    // ready_item: the input that sealing waited for has arrived
    void run() override { go_on_sending(); }
    void on_received(arrival came) noexcept override;
    void on_sent(outcome how) noexcept override;
    void on_halted() noexcept override;
    bool awaits_sent() const noexcept override;

    owned_stream below_;
    std::unique_ptr<tls_machine> machine_;
    borrowed_buffer input_;           // arrived from below
    std::uint32_t used_ = 0;          // the used bytes of input_
    std::uint32_t without_data_ = 0;  // bytes used since data was last opened
    buffer plain_;                    // to be sealed and sent
    buffer sealed_;                   // to be sent below
    outcome failure_;                 // of sending
    reading reading_ = reading::idle;
    sending sending_ = sending::idle;
    below_sending below_sending_ = below_sending::idle;
    // The end of the input, when it was found while the stream read for sealing and not for the user.
    std::optional<outcome> input_end_;
    bool reads_below_ = false;
};

}  // namespace weir::internal
