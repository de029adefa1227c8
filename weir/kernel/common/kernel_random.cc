#include "weir/kernel/common/kernel_random.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <atomic>

#include "weir/socket/clock.h"
#include "weir/socket/descriptor.h"

namespace weir::internal {
namespace {

// Mixes the time, the process id and the number of the call with splitmix64 (Sebastiano Vigna).
std::uint64_t mixed() noexcept {
    constinit static std::atomic<std::uint64_t> calls = 0;
    constexpr std::uint64_t step = 0x9e3779b97f4a7c15;
    std::uint64_t state = static_cast<std::uint64_t>(weir::now().time_since_epoch().count());
    state ^= static_cast<std::uint64_t>(::getpid()) << 32;
    state += step * (calls.fetch_add(1) + 1);
    state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
    return state ^ (state >> 31);
}

}  // namespace

std::uint64_t kernel_random() noexcept {
    std::uint64_t drawn = 0;
    if (::getrandom(&drawn, sizeof drawn, 0) == sizeof drawn) return drawn;
    const descriptor device(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
    if (device.valid() && ::read(device.fd(), &drawn, sizeof drawn) == sizeof drawn) return drawn;
    return mixed();
}

}  // namespace weir::internal
