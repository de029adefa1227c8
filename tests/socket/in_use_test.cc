// The error "address already in use" names what uses the address, and what to do. The address may be in use by a
// listener of a process, by open connections, by connections in TIME_WAIT, or by a file that a dead server left.
#include <sys/wait.h>

#include "tests/socket/support.h"
#include "weir/socket/listen_on.h"

using namespace weir_test;
using weir::listen_on;

namespace {

const std::string in_use = ": address already in use: ";

std::string said(const weir::result<void>& failed) { return failed ? "worked" : failed.error().message(); }
std::string said(const weir::result<weir::socket>& failed) { return failed ? "worked" : failed.error().message(); }

// A child process that listens at `where` until end() or the destructor kills it.
class other_program {
public:
    explicit other_program(const std::string& where) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        process_ = ::fork();
        if (process_ == 0) {
            const auto listener = listen_on(where);
            const std::string here = listener ? listener->local_address()->to_string() : "";
            static_cast<void>(!::write(ready[1], here.data(), here.size()));
            ::close(ready[1]);
            for (;;) ::pause();
        }
        ::close(ready[1]);
        char text[256];
        const auto size = ::read(ready[0], text, sizeof text);
        ::close(ready[0]);
        REQUIRE(size > 0);
        here_.assign(text, static_cast<std::size_t>(size));
    }
    other_program(const other_program&) = delete;
    other_program& operator=(const other_program&) = delete;
    ~other_program() { end(); }

    void end() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    const std::string& here() const { return here_; }
    std::string name() const {
        std::ifstream file("/proc/" + std::to_string(process_) + "/comm");
        std::string comm;
        std::getline(file, comm);
        return comm + " (process " + std::to_string(process_) + ")";
    }

private:
    pid_t process_ = 0;
    std::string here_;
};

// Binds a socket to this address, with reuse_address if `reuses` is set. Returns the result.
weir::result<void> bind_to(const address& here, bool reuses) {
    weir::socket one = open_stream(here.family());
    if (reuses) REQUIRE(one.set(weir::option::reuse_address, true));
    return one.bind(here);
}

// Makes a server, with or without reuse_address, and ends a connection so that the server's side is in TIME_WAIT.
// Returns the address.
address waiting_port(bool reuses) {
    weir::socket listener = open_stream(weir::socket::ipv4);
    if (reuses) REQUIRE(listener.set(weir::option::reuse_address, true));
    REQUIRE(listener.bind("127.0.0.1:0"));
    REQUIRE(listener.listen());
    const address here = *listener.local_address();
    weir::socket client = open_stream(weir::socket::ipv4);
    REQUIRE(client.connect(here));
    auto accepted = listener.accept();
    REQUIRE(accepted);
    REQUIRE(accepted->connection.shutdown(half::send));
    CHECK(receive_everything(client).empty());
    REQUIRE(client.shutdown(half::send));
    CHECK(receive_everything(accepted->connection).empty());
    return here;
}

}  // namespace

TEST_CASE_FIXTURE(counted, "in use, another program listens on the port: the error has its name and process") {
    for (const std::string where : {"127.0.0.1:0", "[::1]:0", "*:0"}) {
        INFO(where);
        const other_program other(where);
        const std::string advice = in_use + other.name() + " listens there: stop it, or choose another port";
        const address here = *address::parse(other.here());
        CHECK(said(listen_on(other.here())) == "listen " + other.here() + advice);
        CHECK(said(bind_to(here, false)) == "bind " + other.here() + advice);
        CHECK(said(bind_to(here, true)) == "bind " + other.here() + advice);
        const std::string any = "0.0.0.0:" + std::to_string(here.port());
        if (here.family() == weir::socket::ipv4) CHECK(said(listen_on(any)) == "listen " + any + advice);
    }
}

TEST_CASE_FIXTURE(counted, "in use, this program itself listens on the port") {
    const server listening(weir::socket::ipv4);
    CHECK(said(listen_on(listening.here.to_string())) ==
          "listen " + listening.here.to_string() + in_use +
              "this program listens there already: close that socket, or choose another port");
    weir::socket first = open_stream(weir::socket::ipv4);
    weir::socket second = open_stream(weir::socket::ipv4);
    for (weir::socket* const one : {&first, &second}) REQUIRE(one->set(weir::option::reuse_address, true));
    REQUIRE(first.bind("127.0.0.1:0"));
    REQUIRE(second.bind(*first.local_address()));
    REQUIRE(first.listen());
    CHECK(said(second.listen()) == "listen " + first.local_address()->to_string() + in_use +
                                       "this program listens there already: close that socket, or choose another port");
}

TEST_CASE_FIXTURE(counted, "in use, connections are in TIME_WAIT: the error says which server has to set an option") {
    const address here = waiting_port(true);
    CHECK(said(bind_to(here, false)) == "bind " + here.to_string() + in_use +
                                            "ended connections of that port are in TIME_WAIT, for a minute: a server "
                                            "sets option::reuse_address before bind(), as listen_on() does");
    CHECK(bind_to(here, true));
    const address late = waiting_port(false);
    CHECK(said(listen_on(late.to_string())) ==
          "listen " + late.to_string() + in_use +
              "ended connections of that port are in TIME_WAIT, for a minute: their server did not set "
              "option::reuse_address, so wait until they are gone");
}

TEST_CASE_FIXTURE(counted, "in use, connections of a server that has ended are open") {
    weir::socket client;
    weir::socket connection;
    address here;
    {
        server listening(weir::socket::ipv4);
        std::tie(client, connection) = listening.pair();
        here = listening.here;
    }
    CHECK(said(bind_to(here, false)) == "bind " + here.to_string() + in_use +
                                            "connections of that port are open in this program: a server sets "
                                            "option::reuse_address before bind(), as listen_on() does");
}

TEST_CASE_FIXTURE(counted, "in use, the port of a datagram socket") {
    auto first = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    auto second = weir::socket::open(weir::socket::ipv4, weir::socket::datagram);
    REQUIRE(first->bind("127.0.0.1:0"));
    const auto here = *first->local_address();
    CHECK(said(second->bind(here)) == "bind " + here.to_string() + in_use +
                                          "this program has bound that port already: close that socket, or choose "
                                          "another port");
}

TEST_CASE_FIXTURE(counted, "in use, a Unix path: the error names the live server, or the file of a dead server") {
    const folder place;
    const std::string text = place.text("socket");
    other_program other(text);
    const std::string advice = in_use + other.name() + " listens there: stop it, or choose another path";
    CHECK(said(listen_on(text)) == "listen " + text + advice);
    const address here = *address::parse(text);
    CHECK(said(bind_to(here, false)) == "bind " + text + advice);
    other.end();
    CHECK(said(bind_to(here, false)) ==
          "bind " + text + in_use +
              "no program has bound that file: if it is left over from a server that has exited, remove it, or use "
              "listen_on(), which removes it");
    CHECK(listen_on(text));
}

TEST_CASE_FIXTURE(counted, "in use, an abstract Unix name of another program") {
    const other_program other("unix:");
    const address here = *address::parse(other.here());
    CHECK(said(bind_to(here, false)) ==
          "bind " + other.here() + in_use + other.name() + " listens there: stop it, or choose another name");
}
