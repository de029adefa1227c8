// One side of a TLS connection without input and output: encrypted bytes in, plain bytes out, and back. Private.
//
//     shaking ──▶ open ──▶ ended, when the peer has said close_notify: sending goes on
//        └──────────┴────▶ failed
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/tls/internal/openssl.h"
#include "weir/tls/internal/tls_context.h"

namespace weir::internal {

// In each function `input` is what has arrived and was not used; what is used is taken off its front. `output` gets
// what is to be sent, at its back; also when the step has failed: then it is an alert. Each may throw std::bad_alloc,
// after which the machine has failed. Thread safety: one thread at a time.
class tls_machine {
public:
    static constexpr std::size_t record_bytes = 16 * 1024;  // the most that a record carries (RFC 8446, 5.1)

    enum class step : std::uint8_t {
        done,         // the handshake is complete; or all of `into` is filled; or it is sealed
        wants_input,  // all of `input` is used; of write() and end(): a message of TLS has arrived in part
        no_room,      // there are plain bytes, and `into` is empty
        ended,        // the peer has said close_notify
        failed,       // see failure()
    };

    // `server`: the name that a client verifies, or an IP address; and its port, by which sessions are kept.
    // Throws std::bad_alloc.
    tls_machine(std::shared_ptr<const tls_context> how, const std::string& server, std::uint16_t port);
    tls_machine(const tls_machine&) = delete;
    tls_machine& operator=(const tls_machine&) = delete;
    ~tls_machine();

    step shake(bytes_view& input, buffer& output);

    struct plain {
        step how;
        std::size_t size = 0;  // the bytes in `into`, also when it has failed or ended behind them
    };
    // Decrypts until `into` is full or there is no more.
    plain read(bytes_view& input, std::span<std::byte> into, buffer& output);
    // Seals all of `bytes`: a record for each 16 KiB. Nothing is sealed when it wants input, which read() takes.
    step write(bytes_view bytes, buffer& output);
    // Seals close_notify, once.
    step end(buffer& output);
    // The machine has failed from now on, for this reason.
    void give_up(errc code, std::string_view why) noexcept;

    bool is_open() const noexcept { return state_ == state::open; }
    bool has_failed() const noexcept { return state_ == state::failed; }
    // What OpenSSL holds of the input that it has read, as of the last read(); after the handshake: opened.
    enum class held : std::uint8_t {
        nothing,
        part_of_record,  // read() has nothing without more input
        opened,
    };
    held holds() const noexcept { return held_; }
    // Why it has failed, and the same for people. What OpenSSL says has no errno.
    errc failure() const noexcept { return why_; }
    std::string failure_text() const;

    SSL* get() const noexcept { return ssl_.get(); }
    const tls_context& context() const noexcept { return *how_; }
    // For the callbacks of OpenSSL: the key of this connection in the cache of sessions, and the reason why a
    // certificate is refused.
    const std::string& session_key() const noexcept { return session_key_; }
    void refuse(errc code, std::string_view why) noexcept;
    static tls_machine& of(const SSL* one) noexcept;

private:
    enum class state : std::uint8_t { shaking, open, ended, failed };

    struct io;
    static int read_input(BIO* from, char* into, std::size_t most, std::size_t* size);
    static int write_output(BIO* to, const char* bytes, std::size_t size, std::size_t* written);
    static long control(BIO* of, int what, long, void*);
    static BIO* bio_of_thread();

    void name_server(const std::string& server, std::uint16_t port);
    step fail();
    void begin(io& call);
    void lack_memory(io& during);

    std::shared_ptr<const tls_context> how_;
    owned_ssl ssl_;
    std::string session_key_;                     // of a client that resumes
    std::unique_ptr<const std::string> refused_;  // what a callback said
    unsigned long code_ = 0;                      // OpenSSL's, when it has failed
    errc why_ = errc::none;
    state state_ = state::shaking;
    held held_ = held::opened;
};

}  // namespace weir::internal
