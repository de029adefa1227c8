#include "weir/loop/lent_bytes.h"

#include <cstring>

namespace weir {
namespace {

class heap final : public lender {
public:
    void take_back(std::byte* memory, std::size_t) noexcept override { delete[] memory; }
};
heap the_heap;

}  // namespace

lent_bytes lend_a_copy(bytes_view bytes) {
    lent_bytes given(new std::byte[bytes.size()], bytes.size(), bytes.size(), the_heap);
    if (!bytes.empty()) std::memcpy(given.data(), bytes.data(), bytes.size());
    return given;
}

}  // namespace weir
