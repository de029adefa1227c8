// The limit on io_uring(7): one submit-and-wait in each turn, multishot accept, and multishot receives from one ring of
// buffers. Each connection has at most one send in progress; the next send contains all answers that were queued
// meanwhile.
#include <liburing.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "bench/echo/arguments.h"
#include "bench/echo/message_input.h"

namespace {

constexpr unsigned buffer_bytes = 64 * 1024;
constexpr unsigned buffer_count = 512;
constexpr std::size_t most_unsent = 8 << 20;  // a connection with more unsent bytes is not read

struct connection {
    connection(int made, bench::framing_by_hand how) : fd(made), input(how) {}

    int fd;
    bench::message_input input;
    bench::byte_pile sending, next;
    bool is_receiving = false, is_sending = false, has_ended = false, is_touched = false;
};

enum kind : std::uintptr_t { receiving, sending };

io_uring ring;
io_uring_buf_ring* buffers;
std::unique_ptr<char[]> memory;
std::unique_ptr<connection*[]> touched;
std::size_t touched_count = 0;

io_uring_sqe* question(connection* of, kind which) {
    io_uring_sqe* one = io_uring_get_sqe(&ring);
    if (one == nullptr) {
        io_uring_submit(&ring);
        one = io_uring_get_sqe(&ring);
    }
    one->user_data = reinterpret_cast<std::uintptr_t>(of) | which;
    return one;
}

void give_back(unsigned slot) {
    io_uring_buf_ring_add(buffers, memory.get() + std::size_t{slot} * buffer_bytes, buffer_bytes,
                          static_cast<unsigned short>(slot), io_uring_buf_ring_mask(buffer_count), 0);
    io_uring_buf_ring_advance(buffers, 1);
}

void receive(connection& one) {
    one.is_receiving = true;
    io_uring_sqe* const asked = question(&one, receiving);
    io_uring_prep_recv_multishot(asked, one.fd, nullptr, 0, 0);
    asked->flags |= IOSQE_BUFFER_SELECT;
    asked->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

void send(connection& one) {
    if (one.is_sending || one.has_ended) return;
    if (one.sending.empty()) std::swap(one.sending, one.next);
    if (one.sending.empty()) return;
    one.is_sending = true;
    io_uring_sqe* const asked = question(&one, sending);
    io_uring_prep_send(asked, one.fd, one.sending.data(), one.sending.size(), MSG_NOSIGNAL | MSG_WAITALL);
}

void touch(connection& one) {
    if (std::exchange(one.is_touched, true)) return;
    touched[touched_count++] = &one;
}

void came(connection& one, int count, unsigned flags) {
    if ((flags & IORING_CQE_F_MORE) == 0) one.is_receiving = false;
    if ((flags & IORING_CQE_F_BUFFER) != 0) {
        const unsigned slot = flags >> IORING_CQE_BUFFER_SHIFT;
        if (count > 0)
            one.input.came_from(memory.get() + std::size_t{slot} * buffer_bytes, static_cast<std::size_t>(count),
                                one.next);
        give_back(slot);
    }
    if (count <= 0 && count != -ENOBUFS) {
        if (!one.has_ended) ::shutdown(one.fd, SHUT_RDWR);
        one.has_ended = true;
    }
    touch(one);
}

void was_sent(connection& one, int count) {
    one.is_sending = false;
    if (count < 0) {
        if (!one.has_ended) ::shutdown(one.fd, SHUT_RDWR);
        one.has_ended = true;
    } else {
        one.sending.consume(static_cast<std::size_t>(count));
    }
    touch(one);
}

void end_turn() {
    for (std::size_t i = 0; i < touched_count; ++i) {
        connection* const one = touched[i];
        one->is_touched = false;
        if (one->has_ended && !one->is_receiving && !one->is_sending) {
            ::close(one->fd);
            delete one;
            continue;
        }
        send(*one);
        if (!one->is_receiving && !one->has_ended && one->next.size() < most_unsent) receive(*one);
    }
    touched_count = 0;
}

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    const auto framing = bench::framing_named(how.framing);
    const int listening = bench::listen_by_hand(how.port, 0);
    io_uring_params wanted{};
    wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    wanted.cq_entries = 32768;
    WEIR_CHECK(io_uring_queue_init_params(4096, &ring, &wanted) == 0, "io_uring_setup");
    io_uring_register_ring_fd(&ring);
    memory = std::make_unique<char[]>(std::size_t{buffer_bytes} * buffer_count);
    touched = std::make_unique<connection*[]>(65536);
    void* const shared = ::mmap(nullptr, buffer_count * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                                MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    buffers = static_cast<io_uring_buf_ring*>(shared);
    io_uring_buf_reg registered{};
    registered.ring_addr = reinterpret_cast<std::uintptr_t>(shared);
    registered.ring_entries = buffer_count;
    WEIR_CHECK(io_uring_register_buf_ring(&ring, &registered, 0) == 0, "io_uring_register");
    io_uring_buf_ring_init(buffers);
    for (unsigned i = 0; i < buffer_count; ++i) give_back(i);
    io_uring_sqe* const accepting = question(nullptr, receiving);
    io_uring_prep_multishot_accept(accepting, listening, nullptr, nullptr, 0);
    for (;;) {
        io_uring_submit_and_wait(&ring, 1);
        io_uring_cqe* answer = nullptr;
        unsigned head = 0, seen = 0;
        io_uring_for_each_cqe(&ring, head, answer) {
            ++seen;
            auto* const one = reinterpret_cast<connection*>(answer->user_data & ~std::uintptr_t{7});
            if (one == nullptr) {
                if (answer->res >= 0) touch(*new connection(answer->res, framing));
            } else if ((answer->user_data & 7) == receiving) {
                came(*one, answer->res, answer->flags);
            } else {
                was_sent(*one, answer->res);
            }
        }
        io_uring_cq_advance(&ring, seen);
        end_turn();
    }
}
