// Sends a file in pieces, then an empty message, then the size and the CRC-32 that the sender has computed. Each side
// holds only one piece and the bytes in transit. offload() reads the disk on a helper thread, while the loop continues.
#include <weir/framing/formats/checksum.h>
#include <weir/weir.h>

#include <fstream>
#include <iostream>

struct tally {
    void add(weir::bytes_view piece) {
        bytes += piece.size();
        crc32.update(piece);
    }
    std::string text() const { return std::to_string(bytes) + " bytes, CRC-32 " + std::to_string(crc32.value()); }
    std::uint64_t bytes = 0;
    weir::running_checksum crc32{weir::checksum_kind::crc32};
};

weir::task<> give(weir::channel client, std::string path) {
    const auto from = std::make_shared<std::ifstream>(path, std::ios::binary);
    const auto read = [from] {  // shares the file, because this work continues after a cancel of the task
        std::string piece(64 * 1024, '\0');
        from->read(piece.data(), 64 * 1024);
        piece.resize(static_cast<std::size_t>(from->gcount()));
        return piece;
    };
    tally sent;
    for (auto piece = co_await weir::offload(read); piece && !piece->empty(); piece = co_await weir::offload(read)) {
        sent.add(*piece);
        co_await client.send(*piece);
    }
    if (!from->eof()) co_return;  // reading failed: the client finds that the stream ends too early
    co_await client.send("");
    co_await client.send(sent.text());
}
weir::task<weir::result<void>> take(weir::scope& children, weir::server& open, std::string path, std::ostream& out) {
    children.spawn(open.run(give, path));
    auto server = co_await weir::connect(open.local_address().to_string(), weir::framing::len32());
    if (!server) co_return server.error();
    tally came;
    auto message = co_await server->receive();
    for (; message && !message->empty(); message = co_await server->receive())
        came.add(*message);
    if (message) message = co_await server->receive();
    if (!message) co_return message.error();
    out << came.text() << (came.text() == message->text() ? ", as sent\n" : ", but not as sent\n");
    open.stop();
    co_return weir::result<void>();
}
weir::task<int> transfer(std::string path, std::ostream& out) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::len32());
    if (!opened) co_return opened.error().print();
    auto ended = co_await weir::in_scope(take, std::ref(*opened), path, std::ref(out));
    co_return ended ? 0 : ended.error().print();
}
int main() {
    std::ofstream("file_transfer.data") << std::string(1'000'000, 'w');
    const int code = weir::run(transfer("file_transfer.data", std::cout));
    return std::remove("file_transfer.data") == 0 ? code : 1;
}
