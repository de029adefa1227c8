#include "weir/tls/internal/tls_machine.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "weir/base/address.h"
#include "weir/tls/internal/failure_text.h"

namespace weir::internal {
namespace {

// Checks first whether there is an error, because ERR_clear_error() always clears every entry of the queue.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

// The input and output of OpenSSL during one call.
struct tls_machine::io {
    bytes_view& input;
    buffer& output;
    bool lacks_memory = false;
};

int tls_machine::read_input(BIO* from, char* into, std::size_t most, std::size_t* size) {
    BIO_clear_retry_flags(from);
    bytes_view& input = static_cast<io*>(BIO_get_data(from))->input;
    *size = std::min(most, input.size());
    if (*size == 0) {
        BIO_set_retry_read(from);
        return 0;
    }
    std::memcpy(into, input.data(), *size);
    input = input.from(*size);
    return 1;
}

int tls_machine::write_output(BIO* to, const char* bytes, std::size_t size, std::size_t* written) try {
    BIO_clear_retry_flags(to);
    static_cast<io*>(BIO_get_data(to))->output.append(bytes_view(std::string_view(bytes, size)));
    *written = size;
    return 1;
} catch (const std::bad_alloc&) {
    static_cast<io*>(BIO_get_data(to))->lacks_memory = true;
    *written = 0;
    return 0;
}

long tls_machine::control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

// All connections of a thread share one BIO, because it is used only during a call. A BIO for each connection would
// take 250 bytes.
BIO* tls_machine::bio_of_thread() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const made = allocated(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir"));
        BIO_meth_set_read_ex(made, &tls_machine::read_input);
        BIO_meth_set_write_ex(made, &tls_machine::write_output);
        BIO_meth_set_ctrl(made, &tls_machine::control);
        return made;
    }();
    thread_local const owned_bio one = [] {
        owned_bio made(allocated(BIO_new(method)));
        BIO_set_init(made.get(), 1);
        return made;
    }();
    return one.get();
}

void tls_machine::begin(io& call) {
    BIO* const bio = bio_of_thread();
    BIO_set_data(bio, &call);
    forget_errors();
    if (SSL_get_rbio(ssl_.get()) == bio) return;
    require_memory(BIO_up_ref(bio));
    SSL_set_bio(ssl_.get(), bio, bio);
}

tls_machine::tls_machine(std::shared_ptr<const tls_context> how, const std::string& server, std::uint16_t port)
    : how_(std::move(how)) {
    ERR_clear_error();
    ssl_.reset(allocated(SSL_new(how_->get())));
    require_memory(SSL_set_app_data(ssl_.get(), this));
    if (how_->is_server()) {
        SSL_set_accept_state(ssl_.get());
    } else {
        name_server(server, port);
        SSL_set_connect_state(ssl_.get());
    }
}

// Without this call OpenSSL would mark the session of a connection without close_notify as not resumable.
tls_machine::~tls_machine() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

void tls_machine::name_server(const std::string& server, std::uint16_t port) {
    const auto& how = how_->client();
    if (how.resume && !server.empty()) {
        session_key_ = server + ":" + std::to_string(port);
        if (const owned_session earlier = how_->sessions().take(session_key_))
            SSL_set_session(ssl_.get(), earlier.get());
    }
    X509_VERIFY_PARAM* const verified = SSL_get0_param(ssl_.get());
    const bool is_ip_address = X509_VERIFY_PARAM_set1_ip_asc(verified, server.c_str()) == 1;
    ERR_clear_error();
    if (!is_ip_address) {
        X509_VERIFY_PARAM_set_hostflags(verified, host_flags);
        require_memory(X509_VERIFY_PARAM_set1_host(verified, server.c_str(), server.size()));
    }
    const std::string& sent = how.server_name.empty() && !is_ip_address ? server : how.server_name;
    // SSL_set_tlsext_host_name() without its macro, which contains a C-style cast.
    if (!sent.empty())
        require_memory(SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                const_cast<char*>(sent.c_str())));
}

tls_machine& tls_machine::of(const SSL* one) noexcept { return *static_cast<tls_machine*>(SSL_get_app_data(one)); }

void tls_machine::refuse(errc code, std::string_view why) noexcept try {
    why_ = code;
    refused_ = std::make_unique<const std::string>(why);
} catch (const std::bad_alloc&) {
    return;  // OpenSSL's reason is enough
}

void tls_machine::give_up(errc code, std::string_view why) noexcept {
    if (!why.empty()) refuse(code, why);
    why_ = code;
    state_ = state::failed;
}

std::string tls_machine::failure_text() const {
    if (refused_ != nullptr) return *refused_;
    if (why_ == errc::no_memory) return std::string(to_string(why_));
    return internal::failure_text(code_, how_->is_server());
}

// Enters the state `failed`, with OpenSSL's reason.
tls_machine::step tls_machine::fail() {
    if (state_ == state::failed) return step::failed;
    state_ = state::failed;
    code_ = ERR_peek_error();
    ERR_clear_error();
    if (why_ == errc::none) why_ = meaning_of(code_);
    return step::failed;
}

void tls_machine::lack_memory(io& during) {
    if (!during.lacks_memory) return;
    ERR_clear_error();
    state_ = state::failed;
    why_ = errc::no_memory;
    throw std::bad_alloc();
}

tls_machine::step tls_machine::shake(bytes_view& input, buffer& output) {
    if (state_ == state::failed) return step::failed;
    io during{input, output};
    begin(during);
    const int done = SSL_do_handshake(ssl_.get());
    lack_memory(during);
    if (done == 1) {
        state_ = state::open;
        return step::done;
    }
    return SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ ? step::wants_input : fail();
}

tls_machine::plain tls_machine::read(bytes_view& input, std::span<std::byte> into, buffer& output) {
    if (state_ == state::failed) return {step::failed};
    if (state_ == state::ended) return {step::ended};
    io during{input, output};
    begin(during);
    plain came{step::done};
    held_ = held::opened;
    std::byte one{};  // receives a byte that only tests whether data is available
    for (;;) {
        forget_errors();
        std::size_t size = 0;
        const int done = into.empty()
                             ? SSL_peek_ex(ssl_.get(), &one, 1, &size)
                             : SSL_read_ex(ssl_.get(), into.data() + came.size, into.size() - came.size, &size);
        if (done == 1) {
            if (into.empty()) came.how = step::no_room;
            else came.size += size;
            if (came.size == into.size()) break;
            if (!input.empty() || SSL_has_pending(ssl_.get()) == 1) continue;
            held_ = held::nothing;
            came.how = step::wants_input;
            break;
        }
        const int why = SSL_get_error(ssl_.get(), done);
        if (why == SSL_ERROR_WANT_READ) {
            came.how = step::wants_input;
            held_ = SSL_has_pending(ssl_.get()) == 1 ? held::part_of_record : held::nothing;
        } else if (why == SSL_ERROR_ZERO_RETURN) {
            came.how = step::ended;
            state_ = state::ended;
        } else {
            came.how = fail();
        }
        break;
    }
    lack_memory(during);
    return came;
}

tls_machine::step tls_machine::write(bytes_view bytes, buffer& output) {
    if (state_ == state::failed) return step::failed;
    bytes_view none;
    io during{none, output};
    begin(during);
    std::size_t written = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    lack_memory(during);
    if (done == 1) return step::done;
    return SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ ? step::wants_input : fail();
}

tls_machine::step tls_machine::end(buffer& output) {
    if (state_ == state::failed) return step::failed;
    bytes_view none;
    io during{none, output};
    begin(during);
    const int done = SSL_shutdown(ssl_.get());
    lack_memory(during);
    if (done >= 0) return step::done;
    if (ERR_GET_REASON(ERR_peek_error()) != SSL_R_SHUTDOWN_WHILE_IN_INIT) return fail();
    ERR_clear_error();
    return step::wants_input;
}

}  // namespace weir::internal
