#include "weir/framing/record/internal/record_format.h"

#include "weir/base/text.h"

namespace weir::internal {

void the_record_format_is_not_valid() {}
void the_record_format_has_fewer_values_than_members() {}
void the_record_format_has_more_values_than_members() {}
void a_member_has_another_type_or_size_than_the_record_format() {}

std::string record_flaw::sentence(std::string_view format) const {
    std::string said = member == 0 ? "" : "member " + std::to_string(member) + ": ";
    said += why;
    if (character != 0) {
        said += ": " + quote(format.substr(character - 1, 1)) + ", character " + std::to_string(character);
    }
    return said;
}

}  // namespace weir::internal
