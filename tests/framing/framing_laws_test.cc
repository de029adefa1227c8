// Every framing keeps the laws, with every option.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/law_effort.h"
#include "weir/base/internal/random.h"
#include "weir/framing/laws/laws.h"

using namespace weir;

namespace {

std::vector<bytes> sample_messages(std::uint64_t limit) {
    std::vector<bytes> messages{"a",    "",      "bb",  "\r",     "a\rb", "end\r", "\n",
                                "a\nb", "x\r\n", "abc", "a\n\nb", "}~|",  "ab}"};
    internal::random_source draw(7);
    for (std::uint64_t size : {std::uint64_t{1}, std::uint64_t{2}, limit - 1, limit, limit + 1}) {
        if (size > 300) continue;
        bytes one(size);
        for (auto& byte : one) byte = static_cast<std::byte>(draw.next());
        messages.push_back(one);
    }
    return messages;
}

const char* const described[] = {
    "lines",
    "lines:crlf",
    "lines,max=3",
    "lines:crlf,max=3",
    "lines,max=3,oversize=skip",
    "lines,max=3,oversize=stream",
    "lines:crlf,max=2,oversize=skip",
    "lines:crlf,max=2,oversize=stream",
    "lines,empty=reject",
    "lines,end=deliver",
    "lines,end=deliver,max=3",
    "lines,end=deliver,max=3,oversize=skip",
    "lines,end=deliver,max=3,oversize=stream",
    "lines:crlf,end=deliver,max=0",
    "lines,check=xor8",
    "lines,check=crc16-modbus,max=3",
    "lines,check=crc32,max=3,oversize=stream",
    "lines,check=sum8,max=2,oversize=skip,cover=frame",
    "len8",
    "len16",
    "len24",
    "len32",
    "len64",
    "len16le",
    "len24le",
    "len32le",
    "len64le",
    "len8,max=3",
    "len8,max=3,oversize=skip",
    "len8,max=3,oversize=stream",
    "len16,max=3,oversize=skip",
    "len16le,max=3,oversize=stream",
    "len64,max=2,oversize=skip",
    "len64le,max=2,oversize=stream",
    "len32,max=none",
    "len8,empty=reject",
    "len8,counts=field",
    "len8,counts=whole",
    "len16le,counts=whole,max=4",
    "len8,offset=1",
    "len16,offset=1,counts=field,header=keep",
    "len8,offset=1,header=keep,max=4,oversize=skip",
    "len8,offset=1,header=keep,max=4,oversize=stream",
    "len8,header=keep,empty=reject",
    "len8,magic=ca",
    "len16,magic=cafe,offset=3",
    "len8,magic=0a0d,max=3,oversize=skip,counts=whole",
    "len8,check=xor8",
    "len8,check=sum8,cover=frame",
    "len8,check=crc16-x25,counts=payload",
    "len8,check=crc16-modbus,counts=field,order=big",
    "len8,check=crc32,counts=whole,max=3,oversize=stream,cover=frame",
    "len8,check=crc32c,max=3,oversize=skip",
    "len8,offset=2,check=xor8,cover=1,header=keep",
    "len8,offset=2,check=xor8,cover=1,header=keep,max=5,oversize=stream",
    "len8,offset=2,check=sum8,header=keep,max=5,oversize=stream",
    "delimited:7e",
    "delimited:\"\\r\\n\"",
    "delimited:\"\\r\\n\"/\"\\n\"",
    "delimited:\"\\r\\n\\r\\n\"/\"\\n\\n\",max=4",
    "delimited:\"\\n\\n\",max=3,oversize=skip",
    "delimited:\"\\n\\n\",max=3,oversize=stream",
    "delimited:\"a\\n\",start=\"\\n\",max=3,oversize=stream,check=xor8,cover=frame",
    "delimited:\"a\\n\",start=\"a\",max=3,oversize=skip",
    "delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8",
    "delimited:0a,escape=0d01:0d/0d02:0a",
    "delimited:0a,escape=0d01:0d/0d02:0a,max=2",
    "delimited:0a,escape=0d01:0d/0d02:0a,max=2,oversize=skip,check=sum8",
    "delimited:0a,escape=0d01:0d/0d02:0a,max=2,oversize=stream",
    "delimited:0a,escape=0d01:0d/0d02:0a,max=2,oversize=stream,check=crc16-x25",
    "delimited:0a,start=\"a\",escape=0d01:0d/0d02:0a,max=2,oversize=stream,check=crc16-x25,cover=frame",
    "delimited:0a,empty=reject",
    "fixed:1",
    "fixed:3",
    "fixed:2,check=crc32",
    "record:!Hx",
    "varint",
    "varint,max=3",
    "varint,max=3,oversize=skip",
    "varint,max=3,oversize=stream,check=sum8",
    "varint,counts=field",
    "varint,counts=whole,offset=2,header=keep",
    "varint,offset=1,header=keep,max=4,oversize=stream",
    "varint,magic=0a,counts=payload,check=xor8",
    "varint,overlong=allow",
    "varint,empty=reject,max=none",
    "netstring",
    "netstring,max=3",
    "netstring,max=3,oversize=skip",
    "netstring,max=3,oversize=stream",
    "netstring,max=3,oversize=stream,check=crc16-x25",
    "netstring,check=sum8,empty=reject",
    "len8,after=2",
    "len16,after=9,header=keep,max=14,oversize=stream",
    "len8,magic=0a,after=2,header=after,max=5,oversize=stream,check=crc16-arc,cover=frame",
    "len8,after=1,counts=whole,header=after,max=4,oversize=skip",
    "len8,trailer=0d0a",
    "len8,trailer=0d0a,max=3,oversize=stream,check=lrc8",
    "len16,counts=whole,trailer=0a,max=3,oversize=skip,check=sum16",
    "len16,mask=0fff,flags=4000",
    "len8,times=2",
    "len16le,offset=2,counts=whole,times=4,header=keep",
    "len8,counts=field,short=empty",
    "ber",
    "ber,magic=30,header=keep,max=6,oversize=stream",
    "ber,overlong=allow,counts=field,check=fletcher8",
    "dec1",
    "dec3,counts=field,trailer=0a",
    "hex2,max=3,oversize=stream",
    "hex4,counts=whole,short=empty",
    "digits:20",
    "digits:0d0a,magic=24,trailer=0d0a,max=3,oversize=skip",
    "digits:3a,overlong=allow,counts=field,check=crc16-ccitt-false",
    "header:n",
    "header:n,header=keep,max=12",
    "header:n,max=3,oversize=stream,check=crc16-xmodem",
    "lines,empty=skip",
    "len8,empty=skip,check=sum8",
    "netstring,empty=skip,max=3,oversize=skip",
    "delimited:0a,start=0a,empty=skip",
    "delimited:0a,start=0a,escape=0d01:0d/0d02:0a,empty=skip,max=2,oversize=stream,check=crc16-kermit",
};

}  // namespace

TEST_CASE("the error text does not depend on how many bytes follow the wrong header") {
    for (const char* const stream : {"PROXY!", "GET / HTTP", "SSH-2.0"}) {
        for (const char* const text : {"varint,max=1", "len8,max=1", "len16,max=1", "len24,max=1", "varint,max=100"}) {
            if (auto broken = laws::confluence(*laws::subject_of(*framing::parse(text)), stream)) FAIL_CHECK(*broken);
        }
    }
}

TEST_CASE("every framing keeps the laws") {
    for (const char* const text : described) {
        CAPTURE(std::string(text));
        auto made = framing::parse(text);
        REQUIRE_MESSAGE(made, made.error().message());
        const auto tested = laws::subject_of(*made);
        const auto messages = sample_messages(made->fields().limit());
        if (auto broken = laws::check(*tested, messages, weir_test::law_effort())) FAIL_CHECK(*broken);
        for (const auto& one : messages) {
            buffer frame;
            if (!tested->encode(one, frame)) continue;
            if (auto broken = laws::round_trip(*tested, {&one, 1})) FAIL_CHECK(*broken);
            if (auto broken = laws::segmentation(*tested, frame.view(), weir_test::law_effort())) FAIL_CHECK(*broken);
            if (auto broken = laws::confluence(*tested, frame.view(), weir_test::law_effort())) FAIL_CHECK(*broken);
        }
    }
}
