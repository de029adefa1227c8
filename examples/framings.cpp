// Framings declared in code. Each is printed as text, and parse() makes an equal framing from that text.
#include <weir/framing/framing.h>

#include <iostream>

using weir::framing;

int main() {
    using namespace std::chrono_literals;
    const std::initializer_list<framing> all{
        framing::lines(),
        framing::lines().crlf().max(512),
        framing::lines().end(framing::deliver),
        framing::delimited({"\r\n\r\n", "\n\n"}),
        framing::delimited({"\x1c\r"}).start("\x0b"),
        framing::delimited({"~"}).start("~").escape({{"}\1", "}"}, {"}\2", "~"}}).check(framing::xor8),
        framing::fixed(64),
        framing::len32().max(16 << 20).oversize(framing::skip),
        framing::len32().offset(1).counts(framing::field).keep_header(),
        framing::len16le().magic("\xca\xfe").check(framing::crc32, 0).check_order(weir::byte_order::little),
        framing::varint().offset(1).keep_header().max(268'435'455),
        framing::len24().after(6).keep_after(),
        framing::len32().offset(3).trailer("\xce"),
        framing::len32().mask(0x7fffffff, 0x80000000),
        framing::len16le().offset(2).counts(framing::whole).times(4).keep_header(),
        framing::ber().magic("0").keep_header().allow_overlong(),
        framing::hex(4).counts(framing::whole).allow_short(),
        framing::digits(" ").skip_empty(),
        framing::header("Content-Length"),
        framing::netstring().reject_empty(),
        framing::record("!I16sf"),
        framing::chunks(),
        framing::idle(20ms),
    };
    for (const auto& one : all) {
        const auto parsed = framing::parse(one.to_string());
        if (!parsed) return parsed.error().print();
        std::cout << one.to_string() << (*parsed == one ? "" : " is another framing!") << '\n';
    }
}
