#include "weir/socket/internal/socket_holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "weir/base/text.h"
#include "weir/socket/descriptor.h"

namespace weir::internal {
namespace {

// Sends a request for a dump, and passes the payload of each part of the answer to `use`. Returns false when the kernel
// refuses the request.
template <class Request, class Use>
bool dump(const Request& asked, Use use) {
    const descriptor channel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!channel.valid()) return false;
    struct {
        nlmsghdr head;
        Request asked;
    } request{{sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, asked};
    if (::send(channel.fd(), &request, sizeof request, 0) < 0) return false;
    std::array<char, 32768> memory;
    for (;;) {
        const ssize_t came = ::recv(channel.fd(), memory.data(), memory.size(), 0);
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0) return false;
        std::string_view left(memory.data(), static_cast<std::size_t>(came));
        nlmsghdr head;
        while (left.size() >= sizeof head) {
            std::memcpy(&head, left.data(), sizeof head);
            if (head.nlmsg_type == NLMSG_DONE) return true;
            if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || head.nlmsg_len < sizeof head || head.nlmsg_len > left.size())
                return false;  // NLMSG_ERROR, or truncated
            use(left.substr(sizeof head, head.nlmsg_len - sizeof head));
            left.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), left.size()));
        }
    }
}

// The IP address in words of 32 bits; an IPv4 address is mapped, RFC 4291 2.5.5.2. A wildcard is all zeros.
using ip_words = std::array<std::uint32_t, 4>;

ip_words words_of(const address& one) {
    std::array<std::uint8_t, 16> octets{};
    if (one.family() == address_family::ipv6) {
        octets = one.ipv6_octets();
    } else if (const auto four = one.ipv4_octets(); four != std::array<std::uint8_t, 4>{}) {
        octets[10] = octets[11] = 0xff;
        std::copy(four.begin(), four.end(), octets.begin() + 12);
    }
    ip_words words{};
    std::memcpy(words.data(), octets.data(), sizeof words);
    return words;
}

ip_words words_of(const inet_diag_msg& one) {
    const auto& from = one.id.idiag_src;
    if (one.idiag_family == AF_INET6) return {from[0], from[1], from[2], from[3]};
    if (from[0] == 0) return {};
    return {0, 0, htonl(0xffff), from[0]};
}

// Returns whether a wildcard socket of the family of `here` covers `bound`: IPv6 covers IPv4, too; IPv4 covers only the
// IPv4-mapped addresses.
bool may_share(const address& here, const ip_words& bound) {
    return here.family() == address_family::ipv6 || (bound[0] == 0 && bound[1] == 0 && bound[2] == htonl(0xffff));
}

std::optional<std::vector<socket_holder>> holders_of_port(const address& here, socket_type type) {
    std::vector<socket_holder> found;
    const ip_words wanted = words_of(here);
    bool is_told = false;
    for (const int family : {AF_INET, AF_INET6}) {
        inet_diag_req_v2 asked{};
        asked.sdiag_family = static_cast<std::uint8_t>(family);
        asked.sdiag_protocol = type == socket_type::stream ? IPPROTO_TCP : IPPROTO_UDP;
        asked.idiag_states = UINT32_MAX;
        asked.id.idiag_sport = htons(here.port());
        const bool done = dump(asked, [&](std::string_view payload) {
            inet_diag_msg one;
            if (payload.size() < sizeof one) return;
            std::memcpy(&one, payload.data(), sizeof one);
            const ip_words bound = words_of(one);
            const bool overlaps =
                bound == wanted || bound == ip_words{} || (wanted == ip_words{} && may_share(here, bound));
            if (one.id.idiag_sport != htons(here.port()) || !overlaps) return;
            found.push_back({static_cast<tcp_state>(one.idiag_state), one.idiag_uid, one.idiag_inode});
        });
        is_told = is_told || done;
    }
    if (!is_told) return std::nullopt;
    return found;
}

// Returns the value of an attribute; empty when there is none.
std::string_view attribute(std::string_view all, std::uint16_t type) {
    nlattr head;
    while (all.size() >= sizeof head) {
        std::memcpy(&head, all.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > all.size()) break;
        if (head.nla_type == type) return all.substr(sizeof head, head.nla_len - sizeof head);
        all.remove_prefix(std::min<std::size_t>(NLA_ALIGN(head.nla_len), all.size()));
    }
    return {};
}

std::string bytes_of(const unix_diag_vfs& file) {
    std::string all(sizeof file, '\0');
    std::memcpy(all.data(), &file, sizeof file);
    return all;
}

// For a path, compares the file itself, because a program may have bound it through another path.
std::optional<std::vector<socket_holder>> holders_of_name(const address& here) {
    std::string wanted = '\0' + std::string(here.local_name());
    if (here.is_path()) {
        struct stat file{};
        if (::stat(wanted.c_str() + 1, &file) != 0) return std::nullopt;
        // The kernel's form of dev_t: 12 bits for the major number and 20 bits for the minor number.
        wanted = bytes_of({static_cast<std::uint32_t>(file.st_ino), major(file.st_dev) << 20 | minor(file.st_dev)});
    }
    std::vector<socket_holder> found;
    unix_diag_req asked{};
    asked.sdiag_family = AF_UNIX;
    asked.udiag_states = UINT32_MAX;
    asked.udiag_show = here.is_path() ? UDIAG_SHOW_VFS : UDIAG_SHOW_NAME;
    const bool done = dump(asked, [&](std::string_view payload) {
        unix_diag_msg one;
        if (payload.size() < sizeof one) return;
        std::memcpy(&one, payload.data(), sizeof one);
        const auto type = here.is_path() ? UNIX_DIAG_VFS : UNIX_DIAG_NAME;
        if (attribute(payload.substr(sizeof one), static_cast<std::uint16_t>(type)) != wanted) return;
        found.push_back({static_cast<tcp_state>(one.udiag_state), 0, one.udiag_ino});
    });
    if (!done) return std::nullopt;
    return found;
}

struct close_folder {
    void operator()(DIR* one) const noexcept { ::closedir(one); }
};
using folder = std::unique_ptr<DIR, close_folder>;

folder open_folder(const std::string& path) { return folder(::opendir(path.c_str())); }

std::string first_line(const std::string& path) {
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 64> text;
    const ssize_t size = file.valid() ? ::read(file.fd(), text.data(), text.size()) : 0;
    std::string line(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return line.substr(0, line.find('\n'));
}

}  // namespace

std::optional<std::vector<socket_holder>> holders_of(const address& here, socket_type type) {
    if (here.is_ip() && here.port() != 0) return holders_of_port(here, type);
    if (here.family() == address_family::local) return holders_of_name(here);
    return std::nullopt;
}

std::string process_text(int process) {
    if (process <= 0) return {};
    if (process == ::getpid()) return std::string(this_program);
    const std::string number = std::to_string(process);
    const std::string name = first_line("/proc/" + number + "/comm");
    return name.empty() ? "process " + number : show(name, name.size()) + " (process " + number + ")";
}

std::string process_with(std::uint32_t inode) {
    if (inode == 0) return {};
    const std::string wanted = "socket:[" + std::to_string(inode) + "]";
    int left = 50'000;
    const folder all = open_folder("/proc");
    while (const dirent* const process = all ? ::readdir(all.get()) : nullptr) {
        const auto number = parse_unsigned(process->d_name);
        if (!number || *number > INT32_MAX) continue;
        const folder open = open_folder(std::string("/proc/") + process->d_name + "/fd");
        while (const dirent* const one = open ? ::readdir(open.get()) : nullptr) {
            std::array<char, 64> target;
            const ssize_t size = ::readlinkat(::dirfd(open.get()), one->d_name, target.data(), target.size());
            if (size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == wanted)
                return process_text(static_cast<int>(*number));
            if (--left == 0) return {};
        }
    }
    return {};
}

}  // namespace weir::internal
