// Replaces the allocator of OpenSSL, so that each of its allocations can fail, too: see injected.h.
#include <openssl/crypto.h>

#include <cstdlib>

#include "tests/conformance/injected.h"

namespace weir_test {
namespace {

thread_local bool fails_in_openssl = false;

void* allocate(std::size_t size, const char*, int) {
    if (fails_in_openssl && fails_now("CRYPTO_malloc")) return nullptr;
    return std::malloc(size);
}
void* allocate_again(void* memory, std::size_t size, const char*, int) {
    if (fails_in_openssl && fails_now("CRYPTO_realloc")) return nullptr;
    return std::realloc(memory, size);
}
void release(void* memory, const char*, int) { std::free(memory); }

// Runs before any function of OpenSSL is called.
const bool is_set = CRYPTO_set_mem_functions(&allocate, &allocate_again, &release) == 1;

}  // namespace

openssl_fails::openssl_fails() noexcept { fails_in_openssl = is_set; }
openssl_fails::~openssl_fails() { fails_in_openssl = false; }

}  // namespace weir_test
