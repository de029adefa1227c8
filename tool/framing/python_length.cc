#include "tool/framing/python_length.h"

#include <fmt/format.h>

#include "tool/framing/python_parts.h"

namespace weir_tool {
namespace {

using kind = weir::framing_kind;

// What a length counts besides the body, as Python: `width` is the size of the length in bytes.
std::string python_counted(const weir::description& fields, std::string_view width) {
    switch (fields.counts) {
        case weir::counts_rule::body: return "0";
        case weir::counts_rule::payload: return "-CHECK";
        case weir::counts_rule::field: return std::string(width);
        case weir::counts_rule::whole: return fmt::format("OFFSET + {} + AFTER + len(TRAILER)", width);
    }
    return "0";
}

// number_bytes(number) gives the bytes of a number, read_number(stream) its bytes and the number.
std::string python_notation(const weir::description& fields) {
    switch (fields.kind) {
        case kind::varint:
            return R"(def number_bytes(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def read_number(stream):
    raw = stream.exactly(1)
    while raw[-1] & 0x80:
        if len(raw) == 10:
            raise Broken("a length of more than 64 bits")
        raw += stream.exactly(1)
    return raw, sum((byte & 0x7f) << 7 * i for i, byte in enumerate(raw))
)";
        case kind::ber:
            return R"(def number_bytes(number):
    if number < 0x80:
        return bytes([number])
    size = (number.bit_length() + 7) // 8
    return bytes([0x80 + size]) + number.to_bytes(size, "big")


def read_number(stream):
    raw = stream.exactly(1)
    if raw[0] < 0x80:
        return raw, raw[0]
    if not 0x81 <= raw[0] <= 0x88:
        raise Broken("a length that announces no size, or is too long")
    raw += stream.exactly(raw[0] - 0x80)
    return raw, int.from_bytes(raw[1:], "big")
)";
        case kind::digits:
            return fmt::format(R"(NUMBER_END = {}


def number_bytes(number):
    return b"%d" % number + NUMBER_END


def read_number(stream):
    raw = stream.exactly(1)
    while raw[-1:].isdigit():
        if len(raw) == {}:
            raise Broken("a length has too many digits")
        raw += stream.exactly(1)
    if len(raw) == 1 or raw[-1:] != NUMBER_END[:1]:
        raise Broken("a length is not digits and their end")
    digits = raw[:-1]
    raw += stream.exactly(len(NUMBER_END) - 1)
    if raw[len(digits):] != NUMBER_END:
        raise Broken("a length is not digits and their end")
    return raw, int(digits)
)",
                               literal(fields.length_end), weir::most_length_digits + 1);
        case kind::decimal:
        case kind::hex: {
            const bool decimal = fields.kind == kind::decimal;
            return fmt::format(R"(def number_bytes(number):
    raw = b"%0{0}{1}" % number
    if len(raw) > WIDTH:
        raise OverflowError("the length has too few digits for this message")
    return raw


def read_number(stream):
    raw = stream.exactly(WIDTH)
    if not all(byte in b"{2}" for byte in raw):
        raise Broken("a length is not {0} digits")
    return raw, int(raw, {3})
)",
                               fields.width, decimal ? "d" : "x", decimal ? "0123456789" : "0123456789abcdefABCDEF",
                               decimal ? 10 : 16);
        }
        default: break;
    }
    const std::string order = order_word(fields.order);
    const std::uint64_t all = UINT64_MAX >> (64 - 8u * fields.width);
    return fmt::format(R"(MASK, FLAGS, UNIT = {0:#x}, {1:#x}, {2}


def number_bytes(number):
    return (number // UNIT | FLAGS).to_bytes(WIDTH, {3})


def read_number(stream):
    raw = stream.exactly(WIDTH)
    number = int.from_bytes(raw, {3})
    if number & ~MASK != FLAGS:
        raise Broken("the bits of a length outside its mask are wrong")
    return raw, (number & MASK) * UNIT
)",
                       fields.mask.value_or(all), fields.flags, fields.times, order);
}

constexpr std::string_view python_inside =
    R"(    # The message contains its header, which must announce the size of what follows.
    inside = Stream(None)
    inside.pending += message
    inside.fill = lambda: False
    try:
        header, size = read_header(inside)
    except Broken as why:
        raise ValueError(f"the message has no valid header: {why}") from None
    payload = bytes(inside.pending)
    if size != len(payload) + CHECK:
        raise ValueError("the message's header announces another size")
)";

constexpr std::string_view python_read_header = R"(

def read_header(stream):
    magic = stream.exactly(len(MAGIC))
    if magic != MAGIC:
        raise Broken(f"a frame begins with {magic.hex()} instead of {MAGIC.hex()}")
    before = magic + stream.exactly(OFFSET - len(MAGIC))
    raw, size = read_length(stream)
    return before + raw + stream.exactly(AFTER), size
)";

// receive(stream), for programs with a function read_header(stream).
std::string python_receive(const weir::description& fields) {
    const std::string_view kept = fields.header == weir::header_rule::keep    ? " + len(header)"
                                  : fields.header == weir::header_rule::after ? " + AFTER"
                                                                              : "";
    return fmt::format(
        R"(

def receive(stream):
    """The next message; None when the peer has closed between two messages."""
    while not stream.at_end():
        header, size = read_header(stream)
        if size < CHECK:
            raise Broken("a message is shorter than its checksum")
        over = size - CHECK{0} > MAX
        {1}
        if stream.exactly(len(TRAILER)) != TRAILER:
            raise Broken("the trailer is missing")
        if not over:
            return verified(header, body)
    return None
)",
        kept,
        skips(fields) ? "body = stream.skip(size) if over else stream.exactly(size)"
                      : "if over:\n            raise Broken(f\"a message of {size} bytes is over the limit\")\n        "
                        "body = stream.exactly(size)");
}

std::string python_length_field(const weir::description& fields) {
    const bool can_be_overlong = fields.kind == kind::varint || fields.kind == kind::ber || fields.kind == kind::digits;
    return fmt::format(R"({0}

def counted(width):
    """What a length of `width` bytes counts besides the body."""
    return {1}


def length_for(size):
    """The shortest length that announces a body of `size` bytes."""
    width = len(number_bytes(0))
    while len(number_bytes(size + counted(width))) > width:
        width += 1
    return number_bytes(size + counted(width))


def read_length(stream):
    """The length's bytes, and the size of the body that it announces."""
    raw, number = read_number(stream)
    size = number - counted(len(raw))
    if number < max(0, counted(len(raw))):
        {2}{3}
    return raw, size
)",
                       python_notation(fields), python_counted(fields, "width"),
                       fields.when_short == weir::short_rule::empty
                           ? "size = CHECK"
                           : "raise Broken(\"a length is less than what it counts\")",
                       can_be_overlong && !fields.overlong_allowed
                           ? "\n    if len(length_for(size)) < len(raw):\n        raise Broken(\"a length is longer "
                             "than it needs to be\")"
                           : "");
}

}  // namespace

std::string python_announced(const weir::description& fields) {
    std::string text =
        fmt::format("MAGIC, OFFSET, WIDTH, AFTER, TRAILER = {}, {}, {}, {}, {}\n\n\n", literal(fields.magic),
                    fields.offset, fields.width, fields.after, literal(fields.trailer));
    text += python_length_field(fields);
    text += "\n\n" + python_common(fields);
    text += "\n\ndef encode(message):\n" + refuse_by_limit(fields);
    switch (fields.header) {
        case weir::header_rule::keep: text += python_inside; break;
        case weir::header_rule::after:
            text += R"(    # The message begins with the bytes of the header after the length.
    if len(message) < AFTER:
        raise ValueError("the message is shorter than its part of the header")
    payload = message[AFTER:]
    header = MAGIC + bytes(OFFSET - len(MAGIC)) + length_for(len(payload) + CHECK) + message[:AFTER]
)";
            break;
        case weir::header_rule::strip:
            text +=
                "    header = MAGIC + bytes(OFFSET - len(MAGIC)) + length_for(len(message) + CHECK) + bytes(AFTER)\n"
                "    payload = message\n";
            break;
    }
    if (fields.empty == weir::empty_rule::reject && fields.header != weir::header_rule::strip)
        text += "    if not payload:\n        raise ValueError(\"the message is empty\")\n";
    if (fields.times != 1) {
        text +=
            "    if (len(payload) + CHECK + counted(WIDTH)) % UNIT:\n"
            "        raise ValueError(\"the message does not fill whole units\")\n";
    }
    text += "    return header + payload + checksum(header, payload) + TRAILER\n";
    return text + std::string(python_read_header) + python_receive(fields);
}

std::string python_header(const weir::description& fields) {
    std::string text = fmt::format("NAME, MOST_HEADER = b\"{}\", {}\nAFTER, TRAILER = 0, b\"\"\n\n\n",
                                   fields.length_name, weir::most_header_bytes);
    text += R"(def read_header(stream):
    """The header with its empty line, and the size of the body that it announces."""
    header, size = b"", None
    while True:
        begin = len(header)
        while header[-1:] != b"\n" or len(header) == begin:
            if len(header) == MOST_HEADER:
                raise Broken("a header is too long")
            header += stream.exactly(1)
        if header[-2:] != b"\r\n":
            raise Broken("a line of a header ends in LF without CR before it")
        line = header[begin:-2]
        if not line:
            break
        if not re.match(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+:", line):
            raise Broken("a line of a header is not a name and a colon")
        name, _, value = line.partition(b":")
        if name.lower() == NAME.lower():
            if not re.fullmatch(rb"[0-9]{1,18}", value.strip(b" \t")):
                raise Broken("the length is not decimal digits")
            if size is not None:
                raise Broken("a second length")
            size = int(value)
    if size is None:
        raise Broken("a header without a length")
    return header, size


def length_for(size):
    return NAME + b": %d\r\n\r\n" % size


)";
    text += python_common(fields) + "\n\ndef encode(message):\n" + refuse_by_limit(fields);
    if (fields.header == weir::header_rule::keep) {
        text += std::string(python_inside);
        if (fields.empty == weir::empty_rule::reject)
            text += "    if not payload:\n        raise ValueError(\"the message is empty\")\n";
    } else {
        text += "    header = length_for(len(message) + CHECK)\n    payload = message\n";
    }
    text += "    return header + payload + checksum(header, payload)\n";
    return text + python_receive(fields);
}

}  // namespace weir_tool
