// Any text as a framing, and as an address: it is refused with a sentence, or printed so that it parses to the same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "weir/base/address.h"
#include "weir/framing/decoder.h"
#include "weir/framing/framing.h"

namespace {

template <class Value>
void survives_text(std::string_view text) {
    const auto parsed = Value::parse(text);
    if (!parsed) {
        if (parsed.error().detail().empty()) std::abort();
        return;
    }
    const std::string printed = parsed->to_string();
    const auto again = Value::parse(printed);
    if (!again || !(*again == *parsed) || again->to_string() != printed) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    survives_text<weir::framing>(text);
    survives_text<weir::address>(text);
    return 0;
}
