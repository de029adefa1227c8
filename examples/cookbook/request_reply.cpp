// Requests and replies over one connection. A reply repeats the number of its request, and a late reply is dropped.
#include <weir/weir.h>

#include <iostream>
#include <map>

class requester {
public:
    explicit requester(weir::channel server) : server_(std::move(server)) {}
    // Sends "NUMBER question" and waits for "NUMBER answer". Several tasks may call it at a time.
    weir::task<weir::result<std::string>> ask(std::string question, weir::duration patience) {
        const std::string number = std::to_string(++last_number_) + ' ';
        auto answer = co_await weir::with_deadline(exchange(number, std::move(question)), weir::within(patience));
        waiting_.erase(number);  // from here on, its reply is late
        co_return answer;
    }
    // Receives all replies, while other tasks send the requests.
    weir::task<> receive_replies() {
        while (auto reply = co_await server_.receive()) {
            const std::string number(reply->text().substr(0, reply->text().find(' ') + 1));
            const auto one = waiting_.find(number);
            if (one == waiting_.end() || !one->second.try_push(std::string(reply->text().substr(number.size()))))
                std::cout << "a late reply is dropped: " << reply->text() << '\n';
        }
        for (auto& [number, answer] : waiting_)
            answer.close();
    }

private:
    weir::task<weir::result<std::string>> exchange(std::string number, std::string question) {
        if (server_.close_reason() != weir::errc::none) co_return server_.close_reason();  // no reply can come
        auto& answer = waiting_.try_emplace(number, std::size_t{1}).first->second;
        if (auto sent = co_await server_.send(number + question); !sent) co_return sent.error();
        co_return co_await answer.pop();
    }
    weir::channel server_;
    std::uint64_t last_number_ = 0;
    std::map<std::string, weir::queue<std::string>> waiting_;  // for each request under way, a queue of one answer
};

weir::task<> answer(weir::channel client) {  // it answers a slow question after the next one
    std::string slow;
    while (auto request = co_await client.receive()) {
        const std::string reply = std::string(request->text()) + ": yes";
        const bool is_slow = request->text().ends_with("slow");
        if (!is_slow) co_await client.send(reply);
        if (!is_slow && !slow.empty()) co_await client.send(slow);
        slow = is_slow ? reply : "";
    }
}
weir::task<> ask(requester& server, std::string question, weir::duration patience) {
    auto answered = co_await server.ask(question, patience);
    std::cout << (answered ? *answered : question + ": " + answered.error().message()) << '\n';
}
weir::task<> ask_all(requester& server) {
    co_await ask(server, "first, slow", std::chrono::milliseconds(30));
    co_await ask(server, "second, quick", std::chrono::seconds(10));
    co_await weir::when_all(ask(server, "third, slow", std::chrono::seconds(10)),
                            ask(server, "fourth, quick", std::chrono::seconds(10)));
}
weir::task<int> requests() {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::lines());
    if (!opened) co_return opened.error().print();
    auto connected = co_await weir::connect(opened->local_address().to_string(), weir::framing::lines());
    if (!connected) co_return connected.error().print();
    requester server(std::move(*connected));
    co_await weir::when_any(ask_all(server), server.receive_replies(), opened->run(answer));
    co_return 0;
}
int main() { return weir::run(requests()); }
