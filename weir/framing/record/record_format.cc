#include "weir/framing/record/internal/record_format.h"

#include "weir/base/text.h"

namespace weir::internal {

void record_does_not_fit() {}

std::string record_flaw::sentence(std::string_view format) const {
    std::string said = member == 0 ? "" : "member " + std::to_string(member) + ": ";
    said += why;
    if (character != 0) {
        said += ": " + quote(format.substr(character - 1, 1)) + ", character " + std::to_string(character);
    }
    return said;
}

}  // namespace weir::internal
