#include "weir/base/error.h"

#include <cstdio>
#include <new>

namespace weir {

std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::none: return "no error";
        case errc::closed: return "closed by the peer";
        case errc::truncated: return "closed inside a message";
        case errc::reset: return "connection reset by the peer";
        case errc::too_large: return "message too large";
        case errc::malformed: return "malformed";
        case errc::timed_out: return "timed out";
        case errc::cancelled: return "cancelled";
        case errc::broken_pipe: return "broken pipe: the connection has ended";
        case errc::refused: return "connection refused: no program listens on this address";
        case errc::unreachable: return "unreachable: no route to it";
        case errc::in_use: return "address already in use";
        case errc::not_available: return "not an address of this machine";
        case errc::not_permitted: return "not permitted";
        case errc::not_found: return "not found";
        case errc::not_connected: return "not connected";
        case errc::already_connected: return "already connected";
        case errc::would_block: return "would block";
        case errc::no_descriptors: return "out of file descriptors";
        case errc::no_memory: return "out of memory";
        case errc::unencodable: return "cannot be carried by the framing";
        case errc::invalid: return "invalid argument";
        case errc::evicted: return "closed to free memory";
        case errc::over_limit: return "a limit is reached";
        case errc::untrusted: return "not trusted";
        case errc::unsupported: return "not supported";
        case errc::system: return "system error";
    }
    return "unknown error";
}

void error::shared_texts::leave() const noexcept {
    if (kept_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete kept_;
}

error::error(errc code, std::string operation, std::string subject, std::string detail, int system_code)
    : system_code_(system_code), code_(code) {
    if (operation.empty() && subject.empty() && detail.empty()) return;
    try {
        texts_ = shared_texts(new texts{std::move(operation), std::move(subject), std::move(detail)});
    } catch (const std::bad_alloc&) {
        return;  // keeps only the code, so that errc::no_memory can be reported without memory
    }
}

std::string error::message() const {
    std::string text(operation());
    if (!subject().empty()) {
        if (!text.empty()) text += ' ';
        text += subject();
    }
    if (!text.empty()) text += ": ";
    text += detail().empty() ? to_string(code_) : detail();
    return text;
}

int error::print() const {
    const std::string line = message() + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
    return 1;
}

error error::during(std::string operation, std::string subject) const {
    return error(code_, std::move(operation), std::move(subject), std::string(detail()), system_code_);
}

}  // namespace weir
