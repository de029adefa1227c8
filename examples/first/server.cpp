// Your first server: answers each line with its size, and prints why each connection ended.
#include <weir/weir.h>

#include <iostream>
#include <string>

weir::task<> answer(weir::channel client) {
    while (auto message = co_await client.receive()) {
        std::string reply = std::to_string(message->size()) + " bytes: ";
        reply += message->text();
        co_await client.send(reply);
    }
    std::cout << client.peer().to_string() << ": " << to_string(client.close_reason().code()) << std::endl;
}

int main() { return weir::serve("127.0.0.1:9000", weir::framing::lines(), answer); }
