#include "weir/socket/internal/system_error.h"

#include <cerrno>
#include <cstring>

namespace weir::internal {

errc errc_of(int number) noexcept {
    switch (number) {
        case 0: return errc::none;
        case ECONNRESET:
        case ECONNABORTED: return errc::reset;
        case EMSGSIZE: return errc::too_large;
        case ETIMEDOUT:
        case ETIME: return errc::timed_out;
        case ECANCELED: return errc::cancelled;
        case EPIPE: return errc::broken_pipe;
        case ECONNREFUSED: return errc::refused;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EHOSTDOWN:
        case ENETDOWN:
        case ENONET: return errc::unreachable;
        case EADDRINUSE: return errc::in_use;
        case EADDRNOTAVAIL: return errc::not_available;
        case EACCES:
        case EPERM: return errc::not_permitted;
        case ENOENT:
        case ENXIO:
        case ENODEV: return errc::not_found;
        case ENOTCONN: return errc::not_connected;
        case EISCONN: return errc::already_connected;
        case EAGAIN:
        case EINPROGRESS:
        case EALREADY: return errc::would_block;
        case EMFILE:
        case ENFILE: return errc::no_descriptors;
        case ENOBUFS:
        case ENOMEM: return errc::no_memory;
        case EBADF:
        case EINVAL:
        case ENOTSOCK:
        case EFAULT:
        case EDESTADDRREQ:
        case EPROTOTYPE:
        case ENAMETOOLONG:
        case EDOM: return errc::invalid;
        case EOPNOTSUPP:
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
        case ESOCKTNOSUPPORT:
        case ENOPROTOOPT:
        case ENOSYS: return errc::unsupported;
        default: return errc::system;
    }
}

namespace {

// The errno values for which the text of the code is sufficient.
bool said_by_code(int number) noexcept {
    switch (number) {
        case ECONNRESET:
        case ECANCELED:
        case EPIPE:
        case ECONNREFUSED:
        case EADDRINUSE:
        case EADDRNOTAVAIL:
        case EACCES:
        case ENOTCONN:
        case EISCONN:
        case EAGAIN: return true;
        default: return false;
    }
}

}  // namespace

std::string describe_errno(int number) {
    const errc code = errc_of(number);
    if (said_by_code(number)) return std::string(to_string(code));
    if (number == ETIME) return "timed out: the deadline passed";
    if (number == ETIMEDOUT) return "timed out: the peer does not answer (ETIMEDOUT)";
    if (number == EBADF) return "the socket is not open (EBADF)";
    if (number == EMFILE)
        return "out of file descriptors: this process has reached its limit, see RLIMIT_NOFILE (EMFILE)";
    if (number == ENFILE) return "out of file descriptors: the system has reached its limit, see fs.file-max (ENFILE)";
    const char* const symbol = strerrorname_np(number);
    const char* const words = strerrordesc_np(number);
    if (symbol == nullptr || words == nullptr) return "unknown error number " + std::to_string(number);
    std::string text(words);
    if (text.size() >= 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text + " (" + symbol + ")";
}

error error_of(int number, std::string operation, std::string subject, std::string_view hint) {
    std::string detail;
    if (!said_by_code(number) || !hint.empty()) detail = describe_errno(number);
    if (!hint.empty()) detail.append(": ").append(hint);
    return error(errc_of(number), std::move(operation), std::move(subject), std::move(detail), number);
}

}  // namespace weir::internal
