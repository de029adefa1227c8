// A large file in pieces. Helper threads read and write the disk. The sender reads no faster than the receiver writes.
#include <weir/base/text.h>
#include <weir/weir.h>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace files = std::filesystem;
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::uint64_t most_bytes = 1 << 30;  // of a file

// Sends the size, then the pieces. The helper thread shares the file, because cancelling does not stop its read.
weir::task<int> send_file(weir::channel server, std::string path) {
    std::error_code failed;
    const std::uint64_t size = files::file_size(path, failed);
    if (failed) co_return weir::error(weir::errc::not_found, "send", path, failed.message()).print();
    if (auto sent = co_await server.send(std::to_string(size)); !sent) co_return sent.error().print();
    const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    const auto read = [file] {
        std::string piece(piece_bytes, '\0');
        file->read(piece.data(), piece_bytes);
        piece.resize(static_cast<std::size_t>(file->gcount()));
        return piece;
    };
    std::size_t most_queued = 0;
    for (auto piece = co_await weir::offload(read); piece && !piece->empty(); piece = co_await weir::offload(read)) {
        if (auto sent = co_await server.send(*piece); !sent) co_return sent.error().print();
        most_queued = std::max(most_queued, server.queued_bytes());
    }
    server.shutdown_send();  // when reading has failed, the receiver finds less than the size
    auto reply = co_await server.receive();
    if (!reply) co_return reply.error().print();
    std::cout << reply->text() << "\nqueued at most 320 KiB: " << (most_queued < 321 * 1024 ? "yes\n" : "no\n");
    co_return 0;
}

// Receives into PATH.part, and renames this file when its size is correct.
weir::task<> receive_file(weir::channel client, std::string path) {
    auto announced = co_await client.receive();
    const auto size = announced ? weir::parse_unsigned(announced->text()) : std::nullopt;
    if (!size || *size > most_bytes) co_return client.abort();
    const auto file = std::make_shared<std::ofstream>(path + ".part", std::ios::binary);
    std::uint64_t bytes = 0;
    while (auto piece = co_await client.receive()) {
        bytes += piece->size();
        const auto write = [file, copy = piece->own()] { *file << copy.text() << std::flush; };
        auto written = co_await weir::offload(write);
        if (!written || !*file || bytes > *size) break;
    }
    file->close();
    const bool is_whole = *file && bytes == *size && client.close_reason() == weir::errc::closed;
    std::error_code failed;
    if (is_whole) files::rename(path + ".part", path, failed);
    const std::string reply = is_whole && !failed ? std::to_string(bytes) + " bytes stored" : "not stored";
    co_await client.send(reply);
}
weir::task<int> transfer(std::string from, std::string to) {
    auto opened = weir::server::listen("127.0.0.1:0", weir::framing::len32());
    if (!opened) co_return opened.error().print();
    auto server = co_await weir::connect(opened->local_address().to_string(), weir::framing::len32());
    if (!server) co_return server.error().print();
    auto first = co_await weir::when_any(send_file(std::move(*server), from), opened->run(receive_file, to));
    co_return first.index() == 0 ? std::get<0>(first) : 1;
}
int main() {
    std::ofstream("large_files.data") << std::string(20'000'000, 'w');
    const int code = weir::run(transfer("large_files.data", "large_files.copy"));
    return files::remove("large_files.data") && files::remove("large_files.copy") ? code : 1;
}
