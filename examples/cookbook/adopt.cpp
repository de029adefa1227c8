// Descriptors from elsewhere: a connected socket becomes a channel, and a listener that systemd has passed is served.
// Without systemd, the program opens the listener itself, and executes itself with the listener as descriptor 3.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace {

weir::task<> shout(weir::channel client) {
    while (auto message = co_await client.receive())
        co_await client.send(std::string(message->text()) + "!");
}

weir::task<int> ask(weir::socket connected, std::string question) {
    auto server = weir::adopt(std::move(connected), weir::framing::lines());
    if (!server) co_return server.error().print();
    co_await server->send(question);
    auto reply = co_await server->receive();
    if (!reply) co_return reply.error().print();
    std::cout << reply->text() << '\n';
    co_return 0;
}

weir::task<int> talk_in_process() {
    auto pair = weir::socket_pair();
    if (!pair) co_return pair.error().print();
    auto one = weir::adopt(std::move(pair->first), weir::framing::lines());
    if (!one) co_return one.error().print();
    auto [code, none] = co_await weir::when_all(ask(std::move(pair->second), "socket pair"), shout(std::move(*one)));
    co_return code;
}

// Returns true if systemd has passed exactly one socket to this process (sd_listen_fds(3)).
bool is_activated() {
    const char* const process = std::getenv("LISTEN_PID");
    const char* const count = std::getenv("LISTEN_FDS");
    return process != nullptr && process == std::to_string(getpid()) && count != nullptr && count == std::string("1");
}

[[noreturn]] void become_service(const weir::socket& listener) {
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    if (dup2(listener.fd(), 3) == 3 && fcntl(3, F_SETFD, 0) == 0) execl("/proc/self/exe", "service", nullptr);
    _exit(127);
}

}  // namespace

int main() {
    if (is_activated()) return weir::serve("fd:3", weir::framing::lines(), shout);
    if (const int code = weir::run(talk_in_process()); code != 0) return code;

    auto listener = weir::listen_on("127.0.0.1:0");
    if (!listener) return listener.error().print();
    const pid_t service = fork();
    if (service < 0) return 1;
    if (service == 0) become_service(*listener);
    auto connected = weir::connect_to(listener->local_address()->to_string());
    if (!connected) return connected.error().print();
    const int code = weir::run(ask(std::move(*connected), "inherited listener"));
    kill(service, SIGTERM);
    int status = 0;
    waitpid(service, &status, 0);
    return code != 0 || status != 0 ? 1 : 0;
}
