// A stream that seals what it sends, and opens what it receives, on top of another one. What one call of send() brings
// is sealed together: a record for each 16 KiB, so that all that a turn sends is one record if it fits. Private.
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

// An idle one owns no buffer. Thread safety: its loop's thread alone.
class tls_stream final : public byte_stream, private byte_stream::user, private ready_item {
public:
    // Plain bytes are sealed in pieces of this size: the next piece when the one before has been sent.
    static constexpr std::size_t piece_bytes = 64 * 1024;
    // While so many bytes of answers to the peer's own messages of TLS (key updates) cannot be sent, nothing is read.
    static constexpr std::size_t most_answer_bytes = 16 * 1024;
    // A peer that sends so many bytes of TLS's own messages without a byte of data between them is a flood: each update
    // of keys of 27 bytes costs microseconds.
    static constexpr std::size_t most_bytes_without_data = 64 * 1024;

    // The handshake is complete; `early` came behind it.
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
    // What the user has asked for. `asked` lasts until its completion:
    //
    //     reading   idle ◀──▶ asked
    //     sending   idle ◀──▶ asked;  idle ──▶ ending ──▶ shutting ──▶ ended;  each ──▶ failed
    //
    // In ending close_notify is not sealed yet, in shutting it is. A message of TLS that has arrived in part holds up
    // sealing: then the stream reads on by itself, and what it opens stays in the machine.
    enum class reading : std::uint8_t { idle, asked };
    enum class sending : std::uint8_t { idle, asked, ending, shutting, ended, failed };
    // Sending below has a life of its own, because the machine answers the peer by itself.
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

    // ready_item: what held up sealing has arrived
    void run() override { go_on_sending(); }
    void on_received(arrival came) noexcept override;
    void on_sent(outcome how) noexcept override;
    void on_halted() noexcept override;
    bool awaits_sent() const noexcept override;

    owned_stream below_;
    std::unique_ptr<tls_machine> machine_;
    borrowed_buffer input_;           // arrived from below
    std::uint32_t used_ = 0;          // bytes of it
    std::uint32_t without_data_ = 0;  // bytes since data was opened last
    buffer plain_;                    // to be sent, and not sealed
    buffer sealed_;                   // to be sent below
    outcome failure_;                 // of sending
    reading reading_ = reading::idle;
    sending sending_ = sending::idle;
    below_sending below_sending_ = below_sending::idle;
    // The stream below has ended while nobody received, as a message of TLS held up sealing.
    std::optional<outcome> input_end_;
    bool reads_below_ = false;
};

}  // namespace weir::internal
