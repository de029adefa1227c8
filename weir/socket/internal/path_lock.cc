#include "weir/socket/internal/path_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "weir/base/time.h"
#include "weir/socket/clock.h"

namespace weir::internal {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_wait_for_lock = 1s;
constexpr int retry_ms = 5;

// Creates the file, or opens an existing one. It never follows a link, and never waits for the other end of a FIFO.
descriptor open_or_make(const std::string& name) {
    for (;;) {
        descriptor made(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (made.valid() || errno != EEXIST) return made;
        descriptor there(::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (there.valid() || errno != ENOENT) return there;
        // The holder of the lock removed it in between.
    }
}

// Returns whether only this user can open the file, and the file has no second name (hard link).
bool is_own(const struct stat& file) noexcept {
    const bool is_private = file.st_uid == ::geteuid() && (file.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    return S_ISREG(file.st_mode) && is_private && file.st_nlink <= 1;
}

// Returns whether the name still refers to this file: its last holder may have removed it.
bool is_named(const std::string& name, const struct stat& file) noexcept {
    struct stat there{};
    return ::lstat(name.c_str(), &there) == 0 && there.st_dev == file.st_dev && there.st_ino == file.st_ino;
}

}  // namespace

path_lock::path_lock(const std::string& path) : name_(path + ".weir-lock"), state_(take()) {}

path_lock::~path_lock() {
    if (state_ == state::held) ::unlink(name_.c_str());
}

path_lock::state path_lock::take() {
    const deadline until = within(longest_wait_for_lock);
    for (;;) {
        file_ = open_or_make(name_);
        struct stat file{};
        if (!file_.valid() || ::fstat(file_.fd(), &file) != 0 || !is_own(file)) return state::none;
        while (::flock(file_.fd(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) return state::none;
            if (until.passed(weir::now())) return state::busy;
            ::poll(nullptr, 0, retry_ms);
        }
        if (is_named(name_, file)) return state::held;
        if (until.passed(weir::now())) return state::busy;
    }
}

}  // namespace weir::internal
