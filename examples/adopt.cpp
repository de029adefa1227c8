// Makes a channel from a connected socket that the program already has: here one end of a socket pair. A child process
// has the other end.
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

#include <iostream>

namespace {

// The child process uses blocking calls and no loop.
int answer(weir::socket connection) {
    auto parent = weir::blocking_channel::adopt(std::move(connection), weir::framing::len32());
    if (!parent) return parent.error().print();
    while (auto question = parent->receive()) {
        std::string reversed(question->text().rbegin(), question->text().rend());
        if (!parent->send(reversed)) return 1;
    }
    return parent->close_reason() == weir::errc::closed ? 0 : 1;
}

weir::task<int> ask(weir::socket connection) {
    auto child = weir::adopt(std::move(connection), weir::framing::len32());
    if (!child) co_return child.error().print();
    for (const auto* const word : {"lager", "stressed"}) {
        co_await child->send(word);
        auto reply = co_await child->receive();
        if (!reply) co_return reply.error().print();
        std::cout << word << " -> " << reply->text() << '\n';
    }
    co_return 0;
}

}  // namespace

int main() {
    auto pair = weir::socket_pair(weir::socket_type::stream);
    if (!pair) return pair.error().print();
    const pid_t child = fork();
    if (child == 0) {
        pair->first = weir::socket();
        _exit(answer(std::move(pair->second)));
    }
    pair->second = weir::socket();
    const int asked = weir::run(ask(std::move(pair->first)));
    int status = 0;
    waitpid(child, &status, 0);
    return asked != 0 || status != 0 ? 1 : 0;
}
