// What went wrong, as a value: a code to branch on, the operation, its subject, and a detail for a person.
// Knows no system header: the socket layer translates errno into these codes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace [[gnu::visibility("default")]] weir {

// One word for each thing a program may want to tell apart. The first group are the endings of a channel.
enum class errc : std::uint8_t {
    none,               // nothing is wrong; also the ending of a channel that has not ended
    closed,             // the peer closed cleanly, at a message boundary
    truncated,          // the peer closed inside a message
    reset,              // the peer reset the connection (ECONNRESET)
    too_large,          // a message over the limit
    malformed,          // bytes that the description (of a framing, an address, a number) does not allow
    timed_out,          // a deadline passed, or the kernel gave up (ETIMEDOUT)
    cancelled,          // ended from this side before it was done
    broken_pipe,        // sending after the connection ended (EPIPE)
    refused,            // nobody listens there (ECONNREFUSED)
    unreachable,        // no route to the network or the host (ENETUNREACH, EHOSTUNREACH)
    in_use,             // the address is taken (EADDRINUSE)
    not_available,      // the address is not one of this machine's (EADDRNOTAVAIL)
    not_permitted,      // missing rights (EACCES, EPERM)
    not_found,          // no such host name, service name or file (ENOENT)
    not_connected,      // a connected socket was needed (ENOTCONN)
    already_connected,  // connect on a connected socket (EISCONN)
    would_block,        // a non-blocking call had nothing to do (EAGAIN)
    no_descriptors,     // the process or the system is out of descriptors (EMFILE, ENFILE)
    no_memory,          // the kernel is out of buffers or memory (ENOBUFS, ENOMEM)
    unencodable,        // a payload that the framing cannot carry
    invalid,            // an argument that makes no sense here (EINVAL, EBADF, ENOTSOCK...)
    evicted,            // closed to free memory: the connections of the loop held all they may
    over_limit,         // a limit of the program is reached, such as that of a server's connections
    unsupported,        // understood, but not offered by this system or this version
    system,             // anything else the system said; see system_code()
};

// The word for a code: "connection refused", "timed out"...
std::string_view to_string(errc code) noexcept;

// An error. Cheap to copy (the texts are shared and immutable). Thread safety: values; share them freely.
class error {
public:
    // `operation` says what was being done ("connect"), `subject` to what ("10.0.0.1:80"), `detail` what a person
    // should know beyond the code's own words. Any of them may be empty.
    error(errc code, std::string operation, std::string subject = {}, std::string detail = {}, int system_code = 0);
    explicit error(errc code) noexcept : code_(code) {}

    errc code() const noexcept { return code_; }
    // The errno behind it, or 0.
    int system_code() const noexcept { return system_code_; }
    // These views live as long as any copy of this error.
    std::string_view operation() const noexcept { return texts_ ? texts_->operation : std::string_view(); }
    std::string_view subject() const noexcept { return texts_ ? texts_->subject : std::string_view(); }
    std::string_view detail() const noexcept { return texts_ ? texts_->detail : std::string_view(); }

    // "connect 10.0.0.1:80: connection refused"; the detail replaces the code's words when there is one.
    std::string message() const;
    // Writes message() and a newline to standard error. Returns 1, so that `return error.print();` ends a main().
    int print() const;

    // The same error, said of another operation or subject.
    error during(std::string operation, std::string subject) const;

    friend bool operator==(const error& one, errc code) noexcept { return one.code_ == code; }

private:
    struct texts {
        std::string operation, subject, detail;
        mutable std::atomic<std::size_t> owners = 1;
    };

    // Owns the texts together with others; half of a std::shared_ptr, because results are passed around more than
    // anything else.
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
