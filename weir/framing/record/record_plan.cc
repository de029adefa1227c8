#include "weir/framing/record/internal/record_plan.h"

#include <algorithm>
#include <cstring>

#include "weir/base/text.h"

namespace weir::internal {

const char* put_record_text(std::string_view text, const record_place& place, std::byte* at) noexcept {
    if (place.code == 'p') {
        const std::size_t room = std::min<std::size_t>(place.count - 1, 255);
        if (text.size() > room)
            return "the text is longer than the field, or than the 255 bytes that its length byte can count";
        *at++ = static_cast<std::byte>(text.size());
    } else {
        if (text.size() > place.count) return "the text is longer than the field";
        if (text.find('\0') != std::string_view::npos) {
            return "the text has a zero byte, which would end it; a std::array keeps all bytes";
        }
    }
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return nullptr;
}

std::string_view record_text(const record_place& place, const std::byte* at) noexcept {
    const std::string_view field(reinterpret_cast<const char*>(at), place.count);
    if (place.code != 'p') return field.substr(0, field.find('\0'));
    return field.substr(1, std::to_integer<std::size_t>(*at));
}

error record_unencodable(std::string_view format, std::size_t member, const record_place& place, const char* why) {
    const bool string = place.code == 's' || place.code == 'p';
    return error(errc::unencodable, "pack", std::string(format),
                 "member " + std::to_string(member) + " (" +
                     (place.count != 1 || string ? std::to_string(place.count) : "") + place.code + " at byte " +
                     std::to_string(place.offset) + "): " + why);
}

error record_wrong_size(std::string_view format, std::size_t size, std::size_t wanted) {
    return error(errc::malformed, "unpack", std::string(format),
                 "it has " + say_size(size) + ", but a record has " + say_size(wanted));
}

}  // namespace weir::internal
