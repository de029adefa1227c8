#include "weir/stream/shared_payload.h"

#include <memory>
#include <utility>

#include "weir/stream/internal/shared_content.h"

namespace weir {
namespace {

buffer copy_of(bytes_view payload) {
    buffer copied;
    copied.append(payload);
    return copied;
}

}  // namespace

shared_payload::shared_payload(bytes_view payload) : shared_payload(copy_of(payload)) {}

shared_payload::shared_payload(buffer&& payload)
    : content_(std::make_shared<internal::shared_content>(std::move(payload))) {}

bytes_view shared_payload::view() const { return content()->payload(); }

namespace internal {

shared_content::form::form(const encoder& encode, bytes_view payload) : described(encode.described()) {
    auto around = encode.encode_around(payload, front, back);
    if (around && *around) return;
    result<void> done;
    if (around) {
        is = kind::whole;
        done = encode.encode(payload, front);
    } else {
        done = around.error();
    }
    if (done) return;
    is = kind::refused;
    why = done.error();
}

shared_content::~shared_content() {
    for (const form* one = forms_.load(std::memory_order_acquire); one != nullptr;)
        delete std::exchange(one, one->next);
}

const shared_content::form* shared_content::find(const framing& described, std::size_t& count) const noexcept {
    for (const form* one = forms_.load(std::memory_order_acquire); one != nullptr; one = one->next) {
        if (one->described.is_copy_of(described) || one->described == described) return one;
        ++count;
    }
    return nullptr;
}

// Returns null when there are too many forms. Two threads may each add a form for the same framing, which does no harm.
const shared_content::form* shared_content::form_for(const encoder& encode) {
    std::size_t count = 0;
    if (const form* const known = find(encode.described(), count)) return known;
    if (count >= shared_payload::most_framings) return nullptr;
    auto made = std::make_unique<form>(encode, payload());
    made->next = forms_.load(std::memory_order_relaxed);
    while (
        !forms_.compare_exchange_weak(made->next, made.get(), std::memory_order_release, std::memory_order_relaxed)) {
    }
    return made.release();
}

result<void> shared_content::append(const std::shared_ptr<shared_content>& self, const encoder& encode,
                                    send_queue& out) {
    const bytes_view payload = self->payload();
    // A custom framing belongs to the program: the payload must not keep it.
    const bool is_plain =
        payload.size() < shared_payload::least_shared_bytes || encode.described().fields().kind == framing_kind::custom;
    const form* const as = is_plain ? nullptr : self->form_for(encode);
    if (as == nullptr) return encode.encode(payload, out.bytes());
    switch (as->is) {
        case form::kind::refused: return as->why;
        case form::kind::whole: out.append(as->front.view(), self); break;
        case form::kind::around:
            out.bytes().append(as->front.view());
            out.append(payload, self);
            out.bytes().append(as->back.view());
            break;
    }
    return {};
}

}  // namespace internal
}  // namespace weir
