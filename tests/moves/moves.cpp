// moves [MESSAGES [BACKEND]]: two processes pass connections to each other while clients talk over them. Each client
// sends numbered messages, and checks that each reply arrives once and in order. If a byte is lost, doubled or out of
// order, the exit code is 1. Prints the number of moves.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "weir/kernel/open_backend.h"
#include "weir/weir.h"

namespace {

using namespace weir;

constexpr std::size_t connections = 8;
constexpr std::uint64_t window = 16;  // unanswered messages on each connection

// The header of a transfer between the processes. The socket and its unread and unsent bytes follow. A header without a
// socket reports that a connection has ended.
struct parcel {
    std::uint32_t unread;
    std::uint32_t unsent;
};
struct arrived {
    socket connection;
    buffer unread;
    buffer unsent;
};

const framing& described() {
    static const framing one = framing::len16();
    return one;
}

// One of the two processes.
class process {
public:
    process(loop& here, socket control) : here_(here), control_(std::move(control)) {}

    task<> serve_all(scope& children, std::vector<socket>& first) {
        std::thread reads([this, post = here_.from_elsewhere()] { read_control(post); });
        for (auto& one : first) children.spawn(serve(adopt(std::move(one), described())));
        first.clear();
        while (ended_ < connections) {
            auto next = co_await arrivals_.pop();
            if (!next) break;
            if (!next->connection.is_open()) {
                ++ended_;
                continue;
            }
            detached_connection given(std::move(next->connection), std::move(next->unread), std::move(next->unsent));
            children.spawn(serve(adopt(std::move(given), described())));
        }
        static_cast<void>(control_.shutdown(half::both));
        reads.join();
    }

    std::uint64_t moves() const noexcept { return moves_; }
    bool is_good() const noexcept { return is_good_; }

private:
    task<> serve(result<channel> opened) {
        if (!opened) co_return failed(opened.error());
        for (std::uint64_t left = 1 + here_.backend().random() % 4; left != 0; --left) {
            auto message = co_await opened->receive();
            if (!message) {
                if (!(message == errc::closed)) failed(message.error());
                send({}, {}, {});
                static_cast<void>(arrivals_.try_push({}));  // both processes count the ended connection
                co_return;
            }
            co_await opened->send(*message);
        }
        task<result<detached_connection>> leaving = opened->detach();
        auto given = co_await std::move(leaving);
        if (!given) co_return failed(given.error());
        ++moves_;
        send(given->connection, given->unread.view(), given->unsent.view());
    }

    void send(const socket& connection, bytes_view unread, bytes_view unsent) {
        const parcel head{static_cast<std::uint32_t>(unread.size()), static_cast<std::uint32_t>(unsent.size())};
        buffer all;
        all.append({reinterpret_cast<const std::byte*>(&head), sizeof head});
        all.append(unread);
        all.append(unsent);
        send_options how;
        if (connection.is_open()) how.descriptors({connection.fd()});
        if (auto sent = control_.send_message(all.view(), how); !sent) failed(sent.error());
    }

    void read_control(const remote& post) {
        std::vector<std::byte> room(1 << 20);
        for (;;) {
            auto got = control_.receive_message(room, receive_options().descriptors(1));
            if (!got) return;
            parcel head{};
            if (got->size < sizeof head) return;
            std::memcpy(&head, room.data(), sizeof head);
            const auto one = std::make_shared<arrived>();
            const bytes_view bytes(room.data() + sizeof head, got->size - sizeof head);
            one->unread.append(bytes.first(head.unread));
            one->unsent.append(bytes.from(head.unread));
            if (!got->descriptors.empty()) one->connection = *socket::from_fd(got->descriptors.front().release());
            post.post([this, one] { static_cast<void>(arrivals_.try_push(std::move(*one))); });
        }
    }

    void failed(const error& why) {
        why.print();
        is_good_ = false;
    }

    loop& here_;
    socket control_;
    queue<arrived> arrivals_{1000};
    std::size_t ended_ = 0;
    std::uint64_t moves_ = 0;
    bool is_good_ = true;
};

task<> run_process(process& one, std::vector<socket>& first) {
    auto all = [](scope& children, process& mine, std::vector<socket>& sockets) -> task<> {
        return mine.serve_all(children, sockets);
    };
    static_cast<void>(co_await in_scope(+all, std::ref(one), std::ref(first)));
}

std::string message_of(std::uint64_t number) {
    return std::to_string(number) + std::string(static_cast<std::size_t>(number * 7919 % 500), '.');
}

task<> talk(socket connection, std::uint64_t messages, std::uint64_t& wrong) {
    auto server = adopt(std::move(connection), described());
    std::uint64_t sent = 0;
    for (std::uint64_t received = 0; received < messages; ++received) {
        while (sent < messages && sent - received < window) co_await server->send(message_of(sent++));
        auto reply = co_await server->receive(within(std::chrono::seconds(30)));
        if (!reply || reply->text() != message_of(received)) {
            std::cerr << "reply " << received << " is wrong: " << (reply ? "another text" : reply.error().message())
                      << '\n';
            ++wrong;
            co_return;
        }
    }
    server->shutdown_send();
    auto end = co_await server->receive(within(std::chrono::seconds(30)));
    if (!(end == errc::closed)) ++wrong;
}

int serve_in_a_process(backend_kind kind, socket control, std::vector<socket> first, const socket& report) {
    auto opened = open_backend(kind);
    if (!opened) return opened.error().print();
    loop here(std::move(*opened));
    process mine(here, std::move(control));
    here.run(run_process(mine, first));
    const std::uint64_t moves = mine.moves();
    if (::write(report.fd(), &moves, sizeof moves) != sizeof moves) return 1;
    return mine.is_good() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    std::uint64_t messages = 3000;
    if (count > 1) std::from_chars(words[1], words[1] + std::strlen(words[1]), messages);
    const backend_kind kind =
        count > 2 && std::string_view(words[2]) == "epoll" ? backend_kind::epoll : backend_kind::automatic;
    auto control = socket_pair(socket_type::seqpacket);
    auto reports = socket_pair(socket_type::stream);
    std::vector<socket> clients;
    std::vector<socket> served;
    for (std::size_t i = 0; i < connections; ++i) {
        auto listening = listen_on("127.0.0.1:0");
        auto client = connect_to(listening->local_address()->to_string());
        auto accepted = listening->accept();
        if (!accepted) return accepted.error().print();
        clients.push_back(std::move(*client));
        served.push_back(std::move(accepted->connection));
    }
    std::array<pid_t, 2> children{};
    for (std::size_t i = 0; i < children.size(); ++i) {
        children[i] = ::fork();
        if (children[i] != 0) continue;
        clients.clear();  // so that this process does not keep them open
        if (i == 1) served.clear();
        (i == 0 ? control->second : control->first) = socket();
        ::_exit(serve_in_a_process(kind, std::move(i == 0 ? control->first : control->second), std::move(served),
                                   reports->second));
    }
    served.clear();
    control->first = socket();
    control->second = socket();
    reports->second = socket();
    std::uint64_t wrong = 0;
    auto all = [](scope& talks, std::vector<socket>& sockets, std::uint64_t each, std::uint64_t& bad) -> task<> {
        for (auto& one : sockets) talks.spawn(talk(std::move(one), each, bad));
        co_return;
    };
    auto main_task = [&]() -> task<> {
        static_cast<void>(co_await in_scope(+all, std::ref(clients), messages, std::ref(wrong)));
    };
    run(main_task());
    std::uint64_t moves = 0;
    for (const pid_t child : children) {
        int status = 0;
        std::uint64_t its = 0;
        if (::waitpid(child, &status, 0) != child || status != 0) ++wrong;
        if (::read(reports->first.fd(), &its, sizeof its) == sizeof its) moves += its;
    }
    std::cout << moves << " moves, " << connections * messages << " messages, " << wrong << " connections wrong\n";
    return wrong == 0 ? 0 : 1;
}
