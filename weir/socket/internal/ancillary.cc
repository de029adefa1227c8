#include "weir/socket/internal/ancillary.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string>

namespace weir::internal {
namespace {

// SCM_PIDFD: a descriptor that must not leak. Since Linux 6.5 it arrives if SO_PASSPIDFD was set by its number. The
// headers of Debian 12 do not define it.
constexpr int scm_pidfd = 4;

template <class T>
T load(const cmsghdr* one) noexcept {
    T value{};
    std::memcpy(&value, CMSG_DATA(one), sizeof value);
    return value;
}

bool holds(const cmsghdr* one, std::size_t size) noexcept { return one->cmsg_len >= CMSG_LEN(size); }

std::array<std::uint8_t, 16> octets_of(const in6_addr& from) noexcept {
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &from, octets.size());
    return octets;
}

void take_descriptors(const cmsghdr* one, std::size_t most, received& about) {
    const std::size_t count = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(one) + i * sizeof fd, sizeof fd);
        descriptor owned(fd);
        if (about.descriptors.size() < most) {
            about.descriptors.push_back(std::move(owned));
        } else {
            about.descriptors_lost = true;
        }
    }
}

void take_from_socket(const cmsghdr* one, std::size_t most, received& about) {
    if (one->cmsg_type == SCM_RIGHTS) {
        take_descriptors(one, most, about);
    } else if (one->cmsg_type == scm_pidfd && holds(one, sizeof(int))) {
        descriptor(load<int>(one));
    } else if (one->cmsg_type == SCM_CREDENTIALS && holds(one, sizeof(ucred))) {
        const auto who = load<ucred>(one);
        about.sender = credentials{who.pid, who.uid, who.gid};
    } else if (one->cmsg_type == SCM_TIMESTAMPNS && holds(one, sizeof(timespec))) {
        const auto at = load<timespec>(one);
        about.arrived = wall_time(std::chrono::seconds(at.tv_sec) + duration(at.tv_nsec));
    }
}

void take_from_ipv4(const cmsghdr* one, received& about) {
    if (one->cmsg_type == IP_PKTINFO && holds(one, sizeof(in_pktinfo))) {
        const auto info = load<in_pktinfo>(one);
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &info.ipi_addr, octets.size());
        about.to = address::ipv4(octets, 0);
        about.interface_index = static_cast<unsigned>(info.ipi_ifindex);
    } else if (one->cmsg_type == IP_TTL && holds(one, sizeof(int))) {
        about.hop_limit = load<int>(one);
    } else if (one->cmsg_type == IP_TOS && holds(one, 1)) {
        about.traffic_class = load<std::uint8_t>(one);
    }
}

void take_from_ipv6(const cmsghdr* one, received& about) {
    if (one->cmsg_type == IPV6_PKTINFO && holds(one, sizeof(in6_pktinfo))) {
        const auto info = load<in6_pktinfo>(one);
        about.to = address::ipv6(octets_of(info.ipi6_addr), 0);
        about.interface_index = info.ipi6_ifindex;
    } else if (one->cmsg_type == IPV6_HOPLIMIT && holds(one, sizeof(int))) {
        about.hop_limit = load<int>(one);
    } else if (one->cmsg_type == IPV6_TCLASS && holds(one, sizeof(int))) {
        about.traffic_class = load<int>(one);
    }
}

error unusable(const send_options& how, const char* why) {
    return error(errc::invalid, "send", how.to().family() == address_family::none ? "" : how.to().to_string(), why);
}

}  // namespace

template <class T>
void ancillary::add(int level, int type, const T* values, std::size_t count) noexcept {
    const std::size_t size = count * sizeof(T);
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(size);
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(buffer_.data() + size_, &header, sizeof header);
    std::memcpy(buffer_.data() + size_ + CMSG_LEN(0), values, size);
    size_ += CMSG_SPACE(size);
}

result<ancillary> ancillary::outgoing(const send_options& how, bool is_ipv6) {
    static_assert(room >= CMSG_SPACE(receive_options::most_descriptors * sizeof(int)) + 256);
    ancillary made;
    const address_family from = how.from().family();
    if (from != address_family::none && from != (is_ipv6 ? address_family::ipv6 : address_family::ipv4)) {
        return unusable(how, "the address to send from and the socket have different families");
    }
    if (how.descriptors().size() > receive_options::most_descriptors) {
        return unusable(how, "one message carries at most 253 descriptors (SCM_MAX_FD)");
    }
    const bool has_source = from != address_family::none || how.through() != 0;
    if (has_source && is_ipv6) {
        in6_pktinfo info{};
        if (from == address_family::ipv6) std::memcpy(&info.ipi6_addr, how.from().ipv6_octets().data(), 16);
        info.ipi6_ifindex = how.through();
        made.add(IPPROTO_IPV6, IPV6_PKTINFO, &info, 1);
    } else if (has_source) {
        in_pktinfo info{};
        if (from == address_family::ipv4) std::memcpy(&info.ipi_spec_dst, how.from().ipv4_octets().data(), 4);
        info.ipi_ifindex = static_cast<int>(how.through());
        made.add(IPPROTO_IP, IP_PKTINFO, &info, 1);
    }
    if (const auto hops = how.hop_limit()) {
        made.add(is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, is_ipv6 ? IPV6_HOPLIMIT : IP_TTL, &*hops, 1);
    }
    if (const auto value = how.traffic_class()) {
        made.add(is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, is_ipv6 ? IPV6_TCLASS : IP_TOS, &*value, 1);
    }
    if (const auto& sender = how.sender()) {
        const ucred who{sender->process, sender->user, sender->group};
        made.add(SOL_SOCKET, SCM_CREDENTIALS, &who, 1);
    }
    if (!how.descriptors().empty()) {
        made.add(SOL_SOCKET, SCM_RIGHTS, how.descriptors().data(), how.descriptors().size());
    }
    return made;
}

ancillary ancillary::incoming(std::size_t descriptors) noexcept {
    constexpr std::size_t everything_else = 512;
    ancillary made;
    made.size_ = everything_else + CMSG_SPACE(descriptors * sizeof(int));
    return made;
}

void ancillary::attach(msghdr& header) noexcept {
    header.msg_control = size_ == 0 ? nullptr : buffer_.data();
    header.msg_controllen = size_;
}

void ancillary::take(msghdr& header, std::size_t most, received& about) {
    about.descriptors_lost = (header.msg_flags & MSG_CTRUNC) != 0;
    about.out_of_band = (header.msg_flags & MSG_OOB) != 0;
    about.end_of_record = (header.msg_flags & MSG_EOR) != 0;
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        if (one->cmsg_level == SOL_SOCKET) take_from_socket(one, most, about);
        if (one->cmsg_level == IPPROTO_IP) take_from_ipv4(one, about);
        if (one->cmsg_level == IPPROTO_IPV6) take_from_ipv6(one, about);
    }
}

}  // namespace weir::internal
