// A server only for programs on this machine, on a path and on an abstract name. It asks the kernel which user each
// client is, and serves its own user only.
#include <unistd.h>
#include <weir/weir.h>

#include <filesystem>
#include <iostream>

namespace {

weir::task<> greet(weir::channel client) {
    const auto caller = client.peer().credentials();
    if (!caller || caller->user != getuid()) co_return client.abort();
    const std::string process = caller->process == getpid() ? "this process" : "another process";
    while (auto message = co_await client.receive())
        co_await client.send("hello " + std::string(message->text()) + " from " + process);
}

weir::task<> ask(std::string where, std::string name) {
    auto server = co_await weir::connect(where, weir::framing::lines());
    if (!server) co_return static_cast<void>(server.error().print());
    co_await server->send(name);
    auto reply = co_await server->receive();
    std::cout << (reply ? reply->text() : reply.error().message()) << '\n';
}

weir::task<> ask_both(weir::server& on_path, weir::server& on_name) {
    co_await ask(on_path.local_address().to_string(), "path");
    co_await ask(on_name.local_address().to_string(), "name");
    on_path.stop();
    on_name.stop();
}

weir::task<int> serve_both(std::string path, std::string name) {
    auto on_path = weir::server::listen("unix:" + path, weir::framing::lines());
    if (!on_path) co_return on_path.error().print();
    std::cout << "the file of a dead server was replaced\n";
    std::filesystem::permissions(path, std::filesystem::perms{0600});  // connect(2) needs the right to write
    auto second = weir::server::listen("unix:" + path, weir::framing::lines());
    std::cout << "a second server: " << (second ? "listens" : to_string(second.error().code())) << '\n';
    auto on_name = weir::server::listen("unix:@" + name, weir::framing::lines());
    if (!on_name) co_return on_name.error().print();
    co_await weir::when_all(on_path->run(greet), on_name->run(greet), ask_both(*on_path, *on_name));
    co_return 0;
}

// Leaves what a killed server leaves: a socket file on which no process listens.
weir::result<void> leave_stale_file(const std::string& path) {
    auto dead = weir::socket::open(weir::socket::local, weir::socket::stream);
    return dead ? dead->bind("unix:" + path) : weir::result<void>(dead.error());
}

}  // namespace

int main() {
    std::string folder = std::filesystem::temp_directory_path() / "greeter.XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return 1;  // mode 0700: no other user can enter it
    const std::string path = folder + "/greeter.sock";
    auto left = leave_stale_file(path);
    const int code = left ? weir::run(serve_both(path, "greeter-" + std::to_string(getpid()))) : left.error().print();
    std::filesystem::remove_all(folder);  // the server leaves its file
    return code;
}
