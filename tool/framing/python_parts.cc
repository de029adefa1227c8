#include "tool/framing/python_parts.h"

#include <fmt/format.h>

#include <weir/framing/formats/checksum.h>

namespace weir_tool {
namespace {

std::string python_checksum(weir::checksum_kind which) {
    const auto crc = [](unsigned polynomial, unsigned start, unsigned last) {
        return fmt::format(
            "    state = {:#x}\n    for byte in content:\n        state ^= byte\n        for _ in range(8):\n"
            "            state = state >> 1 ^ ({:#x} if state & 1 else 0)\n    return state ^ {:#x}\n",
            start, polynomial, last);
    };
    const auto forward_crc = [](unsigned polynomial, unsigned start) {
        return fmt::format(
            "    state = {:#x}\n    for byte in content:\n        state ^= byte << 8\n        for _ in range(8):\n"
            "            state = (state << 1 ^ ({:#x} if state & 0x8000 else 0)) & 0xffff\n    return state\n",
            start, polynomial);
    };
    switch (which) {
        case weir::checksum_kind::xor8:
            return "    state = 0\n    for byte in content:\n        state ^= byte\n    return state\n";
        case weir::checksum_kind::sum8: return "    return sum(content) & 0xff\n";
        case weir::checksum_kind::lrc8: return "    return -sum(content) & 0xff\n";
        case weir::checksum_kind::sum16: return "    return sum(content) & 0xffff\n";
        case weir::checksum_kind::fletcher8:
            return "    total = sums = 0\n    for byte in content:\n        total = total + byte & 0xff\n"
                   "        sums = sums + total & 0xff\n    return total << 8 | sums\n";
        case weir::checksum_kind::crc16_arc: return crc(0xa001, 0, 0);
        case weir::checksum_kind::crc16_modbus: return crc(0xa001, 0xffff, 0);
        case weir::checksum_kind::crc16_kermit: return crc(0x8408, 0, 0);
        case weir::checksum_kind::crc16_x25: return crc(0x8408, 0xffff, 0xffff);
        case weir::checksum_kind::crc16_ccitt_false: return forward_crc(0x1021, 0xffff);
        case weir::checksum_kind::crc16_xmodem: return forward_crc(0x1021, 0);
        case weir::checksum_kind::crc32: return crc(0xedb88320, 0xffffffff, 0xffffffff);
        case weir::checksum_kind::crc32c: return crc(0x82f63b78, 0xffffffff, 0xffffffff);
        case weir::checksum_kind::none: return {};
    }
    return {};
}

}  // namespace

std::string literal(weir::bytes_view content) {
    std::string text = "b\"";
    for (const auto byte : content) text += fmt::format("\\x{:02x}", std::to_integer<unsigned>(byte));
    return text + "\"";
}

std::string order_word(weir::byte_order order) { return order == weir::byte_order::big ? "\"big\"" : "\"little\""; }

std::string python_common(const weir::description& fields) {
    std::string text;
    if (fields.checksum == weir::checksum_kind::none) {
        text += "def checksum(header, payload):\n    return b\"\"\n\n\n";
    } else {
        text += fmt::format("def checksum_of(content):\n    # {}\n{}\n\n", to_string(fields.checksum),
                            python_checksum(fields.checksum));
        const std::string covered = fields.cover ? fmt::format("header[{}:] + payload", *fields.cover) : "payload";
        text += fmt::format("def checksum(header, payload):\n    return checksum_of({}).to_bytes(CHECK, {})\n\n\n",
                            covered, order_word(fields.check_byte_order()));
    }
    text +=
        "def verified(header, body):\n    \"\"\"The message in a frame's body: the bytes before the checksum.\"\"\"\n";
    if (fields.empty == weir::empty_rule::skip) text += "    if not body:\n        return b\"\"\n";
    text +=
        "    if len(body) < CHECK:\n        raise Broken(\"a message is shorter than its checksum\")\n"
        "    payload = body[:len(body) - CHECK]\n"
        "    if body[len(payload):] != checksum(header, payload):\n        raise Broken(\"the checksum is wrong\")\n";
    if (fields.empty == weir::empty_rule::reject)
        text += "    if not payload:\n        raise Broken(\"an empty message\")\n";
    switch (fields.header) {
        case weir::header_rule::strip: return text + "    return payload\n";
        case weir::header_rule::keep: return text + "    return header + payload\n";
        case weir::header_rule::after: return text + "    return header[len(header) - AFTER:] + payload\n";
    }
    return text;
}

std::string refuse_by_limit(const weir::description& fields) {
    std::string text = "    if len(message) > MAX:\n        raise ValueError(\"the message is over the limit\")\n";
    if (fields.empty != weir::empty_rule::allow && fields.header == weir::header_rule::strip)
        text += "    if not message:\n        raise ValueError(\"the message is empty\")\n";
    return text;
}

bool skips(const weir::description& fields) noexcept { return fields.oversize == weir::oversize_rule::skip; }

}  // namespace weir_tool
