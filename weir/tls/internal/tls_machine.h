// One side of a TLS connection as a machine without sockets: it turns encrypted bytes into plain bytes, and plain bytes
// into encrypted ones. "Seal" means encrypt, "open" means decrypt. Private.
//
//     shaking ──▶ open ──▶ ended (the peer has sent close_notify; sending continues)
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

// In each function, `input` contains the arrived bytes that are still unused; the function removes those that it uses.
// It appends the bytes to send to `output`. After a failure, these bytes may be an alert. Each function may throw
// std::bad_alloc; then the machine has failed. Thread safety: one thread at a time.
class tls_machine {
public:
    static constexpr std::size_t record_bytes = 16 * 1024;  // the most that a record carries (RFC 8446, 5.1)

    enum class step : std::uint8_t {
        done,         // shake(): the handshake is complete; read(): `into` is full; write(), end(): all is sealed
        wants_input,  // all of `input` is used; write(), end(): a TLS message has arrived only in part
        no_room,      // plain bytes are available, but `into` is empty
        ended,        // the peer has sent close_notify
        failed,       // see failure()
    };

    // `server`: the host name or IP address that a client verifies. The name and `port` are the key for sessions.
    // Throws std::bad_alloc.
    tls_machine(std::shared_ptr<const tls_context> how, const std::string& server, std::uint16_t port);
    tls_machine(const tls_machine&) = delete;
    tls_machine& operator=(const tls_machine&) = delete;
    ~tls_machine();

    // Continues the handshake.
    step shake(bytes_view& input, buffer& output);

    struct plain {
        step how;
        std::size_t size = 0;  // the bytes in `into`; may be above 0 for any step
    };
    // Decrypts until `into` is full or no input is left.
    plain read(bytes_view& input, std::span<std::byte> into, buffer& output);
    // Seals all of `bytes`: a record for each 16 KiB. If the result is wants_input, nothing was sealed: call read()
    // with more input, and then write() again.
    step write(bytes_view bytes, buffer& output);
    // Seals close_notify, once.
    step end(buffer& output);
    // Puts the machine into the state `failed`, for this reason.
    void give_up(errc code, std::string_view why) noexcept;

    bool is_open() const noexcept { return state_ == state::open; }
    bool has_failed() const noexcept { return state_ == state::failed; }
    // The input that OpenSSL still held at the end of the last read(). Before the first read(): opened.
    enum class held : std::uint8_t {
        nothing,
        part_of_record,  // read() returns nothing without more input
        opened,          // OpenSSL may hold opened bytes
    };
    held holds() const noexcept { return held_; }
    // Return the reason of the failure as a code and as a sentence. A failure has no errno.
    errc failure() const noexcept { return why_; }
    std::string failure_text() const;

    SSL* get() const noexcept { return ssl_.get(); }
    const tls_context& context() const noexcept { return *how_; }
    // For the callbacks of OpenSSL. session_key(): the key of this connection in the session cache; empty for none.
    // refuse(): stores the reason for which a callback fails the handshake. of(): the machine of a connection.
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
    std::unique_ptr<const std::string> refused_;  // the reason from refuse()
    unsigned long code_ = 0;                      // OpenSSL's error, after a failure
    errc why_ = errc::none;
    state state_ = state::shaking;
    held held_ = held::opened;
};

}  // namespace weir::internal
