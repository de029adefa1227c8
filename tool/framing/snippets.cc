#include "tool/framing/snippets.h"

#include <fmt/format.h>

#include <weir/base/text.h>

#include "tool/framing/python_length.h"
#include "tool/framing/python_parts.h"

namespace weir_tool {
namespace {

using kind = weir::framing_kind;

constexpr std::string_view python_stream = R"(

class Broken(Exception):
    """The peer broke the framing."""


class Stream:
    """The bytes of a connection. recv() returns any number; they are collected here until there are enough."""

    def __init__(self, connection):
        self.connection, self.pending = connection, bytearray()

    def fill(self):
        part = self.connection.recv(65536)
        self.pending += part
        return len(part) != 0

    def at_end(self):
        return not self.pending and not self.fill()

    def take(self, size):
        part = bytes(self.pending[:size])
        del self.pending[:size]
        return part

    def exactly(self, size):
        while len(self.pending) < size:
            if not self.fill():
                raise Broken("the stream ended inside a message")
        return self.take(size)

    def skip(self, size):
        while size:
            size -= len(self.exactly(min(size, 65536)))

)";

constexpr std::string_view receive_line = "def receive(stream):";

constexpr std::string_view python_main = R"(

def main(host, port):
    with socket.create_connection((host, int(port))) as connection:
        stream = Stream(connection)
        for line in sys.stdin:
            connection.sendall(encode(bytes.fromhex(line)))
            reply = receive(stream)
            if reply is None:
                raise Broken("the peer has closed")
            print(reply.hex(), flush=True)
        connection.shutdown(socket.SHUT_WR)
        while (reply := receive(stream)) is not None:
            print(reply.hex(), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: HOST PORT")
    try:
        main(sys.argv[1], sys.argv[2])
    except (Broken, ValueError, OSError) as why:
        print(why, file=sys.stderr)
        sys.exit(3 if isinstance(why, Broken) else 1)
)";

std::string python_netstring(const weir::description& fields) {
    return python_common(fields) + "\n\ndef encode(message):\n" + refuse_by_limit(fields) +
           fmt::format(
               R"(    body = message
    header = b"%d:" % (len(message) + CHECK)
    return header + body + checksum(header, message) + b","


def receive(stream):
    """The next message; None when the peer has closed between two messages."""
    while not stream.at_end():
        header = stream.exactly(1)
        while header[-1:] != b":":
            if not header[-1:].isdigit() or header[:1] == b"0" and len(header) > 1 or len(header) > 18:
                raise Broken("a length is not digits and a colon")
            header += stream.exactly(1)
        if len(header) < 2 or header[:1] == b"0" and len(header) > 2:
            raise Broken("a length is not digits and a colon")
        size = int(header[:-1])
        if size < CHECK:
            raise Broken("a message is shorter than its checksum")
        over = size - CHECK > MAX
        {}
        if stream.exactly(1) != b",":
            raise Broken("no comma ends the message")
        if not over:
            return verified(header, body)
    return None
)",
               skips(fields)
                   ? "if over:\n            stream.skip(size)\n        else:\n            body = stream.exactly(size)"
                   : "if over:\n            raise Broken(f\"a message of {size} bytes is over the limit\")\n        "
                     "body = stream.exactly(size)");
}

std::string python_fixed(const weir::description& fields) {
    std::string text = fmt::format("SIZE = {}\n", fields.limit());
    if (fields.kind == kind::record)
        text += fmt::format("FORMAT = \"{}\"  # struct.unpack(FORMAT, message) gives the fields\n", fields.fields);
    return text + "\n\n" + python_common(fields) + R"(

def encode(message):
    if len(message) != SIZE:
        raise ValueError(f"the message has {len(message)} bytes instead of {SIZE}")
    return message + checksum(b"", message)


def receive(stream):
    """The next message; None when the peer has closed between two messages."""
    return None if stream.at_end() else verified(b"", stream.exactly(SIZE + CHECK))
)";
}

// Lines and end marks. A frame over the limit is read to its end only when it is skipped.
std::string python_searched(const weir::description& fields) {
    std::string text;
    const bool lines = fields.kind == kind::lines;
    if (lines) {
        text += fmt::format("START, MARKS = b\"\", [{}]\n",
                            literal(fields.crlf ? weir::bytes_view("\r\n") : weir::bytes_view("\n")));
    } else {
        std::string marks;
        for (const auto& mark : fields.marks) marks += (marks.empty() ? "" : ", ") + literal(mark);
        text += fmt::format("START, MARKS = {}, [{}]\n", literal(fields.start), marks);
    }
    std::string escapes;
    for (const auto& one : fields.escapes) {
        escapes += fmt::format("{}{:#04x}: {}", escapes.empty() ? "" : ", ", std::to_integer<unsigned>(one.plain[0]),
                               literal(one.wire));
    }
    text += fmt::format("ESCAPES = {{{}}}  # the key is the payload byte\n\n\n", escapes) + python_common(fields);
    text += R"(

def find_end(content, begin=0):
    """The ends of body and frame, or None. The mark that ends first counts; of several, the longest."""
    ends = [(at + len(mark), at) for mark in MARKS if (at := content.find(mark, begin)) >= 0]
    if not ends:
        return None
    first = min(end for end, _ in ends)
    return min(at for end, at in ends if end == first), first


def stuff(plain):
    return b"".join(ESCAPES.get(byte, bytes([byte])) for byte in plain)


def unstuff(wire):
    plain, pairs, at = bytearray(), {pair: byte for byte, pair in ESCAPES.items()}, 0
    while at < len(wire):
        if ESCAPES and wire[at] == next(iter(pairs))[0]:
            if wire[at:at + 2] not in pairs:
                raise Broken("an escape byte without a valid second byte")
            plain.append(pairs[wire[at:at + 2]])
            at += 2
        else:
            plain.append(wire[at])
            at += 1
    return bytes(plain)
)";
    text += "\n\ndef encode(message):\n" + refuse_by_limit(fields) +
            "    body = stuff(message + checksum(START, message))\n";
    if (lines)
        text +=
            "    if b\"\\n\" in body or body.endswith(b\"\\r\"):\n        raise ValueError(\"a line cannot carry "
            "this\")\n";
    text += R"(    for mark in MARKS:
        if find_end(body + mark) == (len(body), len(body) + len(mark)):
            return START + body + mark
    raise ValueError("the message contains an end mark")
)";
    const std::string finish =
        lines ? fmt::format(
                    "    if body.endswith(b\"\\r\"):\n        body = body[:-1]\n{}    if body.endswith(b\"\\r\"):\n    "
                    "    "
                    "raise Broken(\"a line's text ends in CR\")\n",
                    fields.crlf ? "    else:\n        raise Broken(\"a line ends in LF without CR\")\n" : "")
              : "";
    text += fmt::format(
        "\n\ndef message_in(body{}):\n{}    body = unstuff(body)\n    if len(body) - CHECK > MAX:\n        return "
        "None\n"
        "    return verified(START, body)\n",
        "", finish);
    const std::string last = lines && fields.end == weir::end_rule::deliver
                                 ? "if stream.pending.endswith(b\"\\r\"):\n                    raise Broken(\"a line's "
                                   "text ends in CR\")\n                body = "
                                   "stream.take(len(stream.pending))\n                if len(body) - CHECK <= MAX:\n   "
                                   "                 return verified(START, body)\n"
                                   "                raise Broken(\"a message is over the limit\")"
                                 : "raise Broken(\"the stream ended inside a message\")";
    text +=
        fmt::format(R"(

def receive(stream):
    """The next message; None when the peer has closed between two messages."""
    while not stream.at_end():
        {5}        searched, passed = 0, False
        while (found := find_end(stream.pending, searched)) is None:
            searched = max(0, len(stream.pending) - {0})
            if searched > {1} * (MAX + CHECK) + 2:
                {2}
            if not stream.fill():
                {3}
        body = stream.take(found[1])[:found[0]]
        message = None if passed else message_in(body)
        if message is not None:
            return message
        {4}
    return None
)",
                    15, fields.escapes.empty() ? 1 : 2,
                    skips(fields) ? "passed = bool(stream.take(searched))\n                searched = 0"
                                  : "raise Broken(\"a message is over the limit\")",
                    last, skips(fields) ? "# over the limit: dropped" : "raise Broken(\"a message is over the limit\")",
                    fields.has_optional_start()
                        ? "# A start mark is the end of an empty message, which is dropped.\n"
                        : "if stream.exactly(len(START)) != START:\n            raise Broken(\"no start mark in front "
                          "of a message\")\n");
    if (lines) {
        // The program searches for the LF alone, and then checks the CR before it.
        const std::size_t at = text.find("def find_end");
        text.insert(at, "LF = [b\"\\n\"]\n\n\n");
        const std::size_t use = text.find("find_end(stream.pending, searched)");
        text.replace(use, 34, "find_end(stream.pending, searched, LF)");
        const std::size_t head = text.find("def find_end(content, begin=0):");
        text.replace(head, 31, "def find_end(content, begin=0, marks=MARKS):");
        const std::size_t loop = text.find("for mark in MARKS if");
        text.replace(loop, 20, "for mark in marks if");
    }
    return text;
}

}  // namespace

std::string python_program(const weir::framing& described) {
    const weir::description& fields = described.fields();
    if (fields.kind == kind::chunks || fields.kind == kind::idle || fields.oversize == weir::oversize_rule::stream)
        return {};
    std::string text = fmt::format(
        "#!/usr/bin/env python3\n# Speaks {}: HOST PORT; each line of standard input is one message in hex digits, and "
        "so is\n"
        "# each reply on standard output. It waits for one reply after each message.\n{}import socket\nimport "
        "sys\n\nMAX = {}\nCHECK = {}\n",
        described.to_string(), fields.kind == kind::header ? "import re\n" : "", fields.limit(), fields.check_bytes());
    text += std::string(python_stream) + "\n";
    switch (fields.kind) {
        case kind::length:
        case kind::varint:
        case kind::ber:
        case kind::decimal:
        case kind::hex:
        case kind::digits: text += python_announced(fields); break;
        case kind::header: text += python_header(fields); break;
        case kind::netstring: text += python_netstring(fields); break;
        case kind::fixed:
        case kind::record: text += python_fixed(fields); break;
        default: text += python_searched(fields); break;
    }
    if (fields.empty == weir::empty_rule::skip) {
        // A frame without a body has no checksum, either.
        constexpr std::string_view shorter = "if size < CHECK:";
        if (const std::size_t at = text.find(shorter); at != std::string::npos)
            text.replace(at, shorter.size(), "if 0 < size < CHECK:");
        text.replace(text.find(receive_line), receive_line.size(), "def receive_any(stream):");
        text += "\n\n" + std::string(receive_line) + R"(
    """The next message that is not empty; None when the peer has closed between two messages."""
    while (message := receive_any(stream)) == b"":
        pass
    return message
)";
    }
    return text + std::string(python_main);
}

std::string cpp_program(const weir::framing& described) {
    const weir::description& fields = described.fields();
    if (fields.kind == kind::chunks || fields.kind == kind::idle || fields.oversize == weir::oversize_rule::stream)
        return {};
    return fmt::format(R"(// Speaks {0}: HOST PORT; each line of standard input is one message in hex digits, and so
// is each reply on standard output. It waits for one reply after each message.
#include <weir/weir.h>
#include <weir/base/text.h>

#include <iostream>
#include <string>

int main(int argc, char** argv) {{
    if (argc != 3) return 2;
    auto connection = weir::connect_to(std::string(argv[1]) + ":" + argv[2]);
    if (!connection) return connection.error().print();
    weir::blocking_channel peer(*std::move(connection), *weir::framing::parse({1}));

    for (std::string line; std::getline(std::cin, line);) {{
        const auto message = weir::parse_hex(line);
        if (!message) return 1;
        if (auto sent = peer.send(*message); !sent) return sent.error().print();
        auto reply = peer.receive();
        if (!reply) break;
        std::cout << weir::to_hex(*reply) << std::endl;
    }}
    static_cast<void>(peer.shutdown_send());  // if the peer has gone already, receive() reports it
    while (auto reply = peer.receive()) std::cout << weir::to_hex(*reply) << std::endl;
    return peer.close_reason() == weir::errc::closed ? 0 : peer.close_reason().print();
}}
)",
                       described.to_string(), weir::quote(described.to_string()));
}

}  // namespace weir_tool
