// The echo server on weir's streams, without channels and coroutines. The difference from weir_plain is the cost of
// channels and coroutines.
#include <weir/weir.h>

#include <string>

#include "bench/echo/arguments.h"

namespace {

class connection final : weir::byte_stream::user, weir::internal::ready_item {
public:
    connection(weir::loop& here, weir::owned_stream below, const weir::framing& how)
        : here_(here), below_(std::move(below)), decoder_(how), encoder_(how) {
        below_->set_user(*this);
        ask();
    }

private:
    ~connection() = default;

    void ask() {
        while (!is_sending_ && !has_ended_) {
            auto came = below_->receive();
            if (!came) return;
            take(std::move(*came));
        }
    }
    void on_received(weir::arrival came) noexcept override {
        take(std::move(came));
        ask();
    }
    void take(weir::arrival came) {
        if (came.ends()) return end();
        decoder_.feed(came.bytes.view());
        for (;;) {
            const auto next = decoder_.next();
            if (next.what == weir::decoder::more) break;
            if (next.what != weir::decoder::message) return end();
            static_cast<void>(encoder_.encode(next.payload, answers_));
        }
        came.bytes.give_back();
        if (answers_.empty()) return;
        if (const auto done = below_->send(answers_)) {
            if (!done->good()) end();
        } else {
            is_sending_ = true;
        }
    }
    void on_sent(weir::outcome how) noexcept override {
        is_sending_ = false;
        if (!how.good()) return end();
        ask();
    }
    bool awaits_sent() const noexcept override { return false; }

    void end() {
        if (!std::exchange(has_ended_, true)) here_.make_ready(*this);
    }
    void run() override { delete this; }

    weir::loop& here_;
    weir::owned_stream below_;
    weir::decoder decoder_;
    weir::encoder encoder_;
    weir::buffer answers_;
    bool is_sending_ = false;
    bool has_ended_ = false;
};

class listener final : weir::acceptor::user, weir::internal::ready_item {
public:
    listener(weir::loop& here, weir::owned_acceptor from, weir::framing how)
        : here_(here), from_(std::move(from)), framing_(std::move(how)) {
        from_->set_user(*this);
        here_.make_ready(*this);
    }

private:
    void on_accepted(weir::accepted_connection one) noexcept override {
        begin(std::move(one));
        here_.make_ready(*this);
    }
    void run() override {
        while (auto one = from_->accept()) begin(std::move(*one));
    }
    void begin(weir::accepted_connection one) {
        if (one.how.good()) new connection(here_, std::move(one.connection), framing_);
    }

    weir::loop& here_;
    weir::owned_acceptor from_;
    weir::framing framing_;
};

}  // namespace

int main(int count, char** texts) {
    const auto how = bench::read_arguments(count, texts);
    auto world = weir::open_backend(how.backend == "epoll" ? weir::backend_kind::epoll : weir::backend_kind::io_uring);
    if (!world) return world.error().print();
    weir::loop here(std::move(*world));
    auto from = here.backend().listen("127.0.0.1:" + std::to_string(how.port), {});
    if (!from) return from.error().print();
    const listener all(here, std::move(*from), *weir::framing::parse(how.framing));
    for (;;) here.run_once(weir::deadline::never());
}
