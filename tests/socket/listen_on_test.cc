// listen_on() at a Unix path that a dead server left, while other processes interfere: other servers of this user, and
// other users who may write to the folder.
#include <sys/file.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "tests/socket/support.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/listen_on.h"

using namespace weir_test;
using weir::connect_to;
using weir::descriptor;
using weir::listen_on;

namespace {

// A path with the socket file of a dead server.
struct dead_server {
    dead_server() { REQUIRE(listen_on(text)); }

    folder place;
    std::string path = place.path("socket");
    std::string text = place.text("socket");
    std::string lock = path + ".weir-lock";
};

descriptor locked(const std::string& path, int flags, mode_t mode = 0) {
    descriptor file(::open(path.c_str(), flags | O_CLOEXEC, mode));
    REQUIRE(file.valid());
    REQUIRE(::flock(file.fd(), LOCK_EX | LOCK_NB) == 0);
    return file;
}

void listens(const dead_server& at) {
    auto made = listen_on(at.text);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message()));
    CHECK(connect_to(at.text));
}

bool exists(const std::string& path) { return std::filesystem::exists(std::filesystem::symlink_status(path)); }

}  // namespace

TEST_CASE_FIXTURE(counted, "another user who locks the folder does not prevent a server from using its path") {
    const dead_server at;
    const descriptor stranger = locked(at.place.path(""), O_RDONLY | O_DIRECTORY);
    listens(at);
}

TEST_CASE_FIXTURE(counted, "a server leaves no lock file, and uses a lock file that a killed server left") {
    const dead_server at;
    CHECK_FALSE(exists(at.lock));
    CHECK(descriptor(::open(at.lock.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)).valid());
    listens(at);
    CHECK_FALSE(exists(at.lock));
}

TEST_CASE_FIXTURE(counted, "another file with the name of the lock file stays unchanged, and blocks no server") {
    const dead_server at;
    SUBCASE("a file that other users may open and lock") {
        ::umask(0);
        const descriptor stranger = locked(at.lock, O_RDWR | O_CREAT, 0666);
        ::umask(022);
        listens(at);
    }
    SUBCASE("a link to a file") {
        std::ofstream(at.place.path("precious")) << "precious";
        std::filesystem::create_symlink(at.place.path("precious"), at.lock);
        listens(at);
        CHECK(std::filesystem::file_size(at.place.path("precious")) == 8);
    }
    SUBCASE("a hard link to a file of this user, which another program of the user has locked") {
        const descriptor own = locked(at.place.path("precious"), O_RDWR | O_CREAT, 0600);
        std::filesystem::create_hard_link(at.place.path("precious"), at.lock);
        listens(at);
    }
    SUBCASE("a FIFO") {
        REQUIRE(::mkfifo(at.lock.c_str(), 0600) == 0);
        listens(at);
    }
    SUBCASE("a folder") {
        std::filesystem::create_directory(at.lock);
        listens(at);
    }
    CHECK(exists(at.lock));
}

TEST_CASE_FIXTURE(counted, "if another server of this user does not finish its start, the error says so") {
    const dead_server at;
    const descriptor other = locked(at.lock, O_RDWR | O_CREAT, 0600);
    const auto refused = listen_on(at.text);
    CHECK(refused == errc::in_use);
    CHECK(refused.error().message() == "listen " + at.text +
                                           ": address already in use: another server is starting there: it holds \"" +
                                           at.lock + "\"");
    CHECK(exists(at.path));
    CHECK(exists(at.lock));
}

TEST_CASE_FIXTURE(counted,
                  "if no lock can be made, a server that has bound its path but does not listen yet is not removed") {
    const folder place;
    std::filesystem::create_directory(place.path("socket.weir-lock"));
    weir::socket starting = open_stream(weir::socket::local);
    REQUIRE(starting.bind(place.text("socket")));
    std::optional<weir::result<weir::socket>> made;
    blocked_thread other([&] { made.emplace(listen_on(place.text("socket"))); });
    REQUIRE(other.await_sleep());
    REQUIRE(starting.listen());
    other.join();
    CHECK(*made == errc::in_use);
    CHECK(connect_to(place.text("socket")));
}
