// An error as a value: a code to branch on, the operation, its subject, and a detail for people. This file includes no
// system header; the socket layer translates errno into these codes.
#pragma once

#include "weir/base/language.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace [[gnu::visibility("default")]] weir {

// One code for each case that a program may handle differently. The codes from closed to cancelled are also close
// reasons of a channel.
enum class errc : std::uint8_t {
    none,               // no error; also the close reason of a channel that has none yet
    closed,             // the peer closed cleanly, at a message boundary
    truncated,          // the peer closed inside a message
    reset,              // the peer reset the connection (ECONNRESET)
    too_large,          // a message exceeds the limit
    malformed,          // bytes that the format (of a framing, an address, a number) does not allow
    timed_out,          // a deadline passed, or the kernel's own timeout expired (ETIMEDOUT)
    cancelled,          // this side ended the operation before it completed
    broken_pipe,        // a send after the connection ended (EPIPE)
    refused,            // no server listens at the address (ECONNREFUSED)
    unreachable,        // no route to the network or the host (ENETUNREACH, EHOSTUNREACH)
    in_use,             // the address is already in use (EADDRINUSE)
    not_available,      // the address does not belong to this machine (EADDRNOTAVAIL)
    not_permitted,      // a permission is missing (EACCES, EPERM)
    not_found,          // no such host name, service name, interface or file (ENOENT, ENODEV)
    not_connected,      // the call needs a connected socket (ENOTCONN)
    already_connected,  // connect on a connected socket (EISCONN)
    would_block,        // a non-blocking call would have to wait (EAGAIN)
    no_descriptors,     // the process or the system is out of descriptors (EMFILE, ENFILE)
    no_memory,          // the kernel is out of buffers or memory (ENOBUFS, ENOMEM)
    unencodable,        // the framing cannot carry the payload
    invalid,            // an argument is not valid here (EINVAL, EBADF, ENOTSOCK...)
    evicted,            // closed to free memory: the connections of the loop reached their common limit
    over_limit,         // a limit of the program is reached, such as a server's limit of connections
    untrusted,          // the peer could not prove its identity: its certificate is not accepted
    unsupported,        // valid, but this system or this version does not support it
    system,             // any other error of the system; see system_code()
};

// Returns the text of a code: "timed out", "not connected"...
std::string_view to_string(errc code) noexcept;

// An error with its texts. It is cheap to copy, because copies share the texts, which are immutable. Thread safety: a
// value; threads may share it.
class error {
public:
    // `operation` is what the program did ("connect"), and `subject` is the object of the operation ("10.0.0.1:80").
    // `detail` explains the error to people when the text of the code is not enough. Each of them may be empty.
    error(errc code, std::string operation, std::string subject = {}, std::string detail = {}, int system_code = 0);
    // Makes an error that has only a code; allocates nothing.
    explicit error(errc code) noexcept : code_(code) {}

    // Returns the code, for the program to branch on.
    errc code() const noexcept { return code_; }
    // Returns the errno value that caused the error, or 0.
    int system_code() const noexcept { return system_code_; }
    // Returns a text of the error. The view is valid as long as any copy of this error exists.
    std::string_view operation() const noexcept { return texts_ ? texts_->operation : std::string_view(); }
    std::string_view subject() const noexcept { return texts_ ? texts_->subject : std::string_view(); }
    std::string_view detail() const noexcept { return texts_ ? texts_->detail : std::string_view(); }

    // Returns the text for people: "connect 10.0.0.1:80: not permitted". A detail replaces the text of the code.
    std::string message() const;
    // Writes message() and a newline to standard error. Returns 1, so that main() can end with `return error.print();`.
    int print() const;

    // Returns the same error with this operation and subject.
    error during(std::string operation, std::string subject) const;

    // Returns whether the error has this code.
    friend bool operator==(const error& one, errc code) noexcept { return one.code_ == code; }

private:
    struct texts {
        std::string operation, subject, detail;
        mutable std::atomic<std::size_t> owners = 1;
    };

    // Shares ownership of the texts. It has half the size of a std::shared_ptr, which keeps results small.
    class shared_texts {
    public:
        shared_texts() noexcept = default;
        explicit shared_texts(const texts* made) noexcept : kept_(made) {}
        shared_texts(const shared_texts& other) noexcept : kept_(other.kept_) {
            if (kept_ != nullptr) kept_->owners.fetch_add(1, std::memory_order_relaxed);
        }
        shared_texts(shared_texts&& other) noexcept : kept_(std::exchange(other.kept_, nullptr)) {}
        shared_texts& operator=(shared_texts other) noexcept {
            std::swap(kept_, other.kept_);
            return *this;
        }
        ~shared_texts() {
            if (kept_ != nullptr) leave();
        }
        explicit operator bool() const noexcept { return kept_ != nullptr; }
        const texts* operator->() const noexcept { return kept_; }

    private:
        void leave() const noexcept;

        const texts* kept_ = nullptr;
    };

    shared_texts texts_;
    int system_code_ = 0;
    errc code_;
};

}  // namespace weir
