// A C struct on the wire: every message is one record of 24 bytes, the same as Python's struct.pack("!I16sf", ...)
// makes. The format describes the layout of the members, and the compiler compares it with their types.
#include <weir/framing/decoder.h>
#include <weir/framing/encoder.h>
#include <weir/framing/record/record.h>
#include <weir/framing/record/record_codec.h>

#include <iostream>

struct reading {
    std::uint32_t id;
    std::string name;
    float value;
};
constexpr auto codec = weir::record("!I16sf", &reading::id, &reading::name, &reading::value);

int main() {
    const auto described = weir::framing::record(codec.format());
    const weir::encoder encode(described);
    weir::buffer wire;
    for (const auto& one : {reading{7, "boiler", 21.5F}, reading{8, "cellar", -3.25F}}) {
        weir::buffer packed;
        if (auto done = codec.pack(one, packed); !done) return done.error().print();
        if (auto done = encode.encode(packed.view(), wire); !done) return done.error().print();
    }
    std::cout << wire.size() << " bytes on the wire\n";

    weir::decoder decode(described);
    for (std::size_t at = 0; at < wire.size(); ++at) {  // split anywhere: a record is complete or has not arrived yet
        decode.feed(wire.view().part(at, 1));
        for (auto step = decode.next(); step.what == weir::decoder::message; step = decode.next()) {
            const auto came = codec.unpack(step.payload);
            if (!came) return came.error().print();
            std::cout << came->id << ' ' << came->name << ' ' << came->value << '\n';
        }
    }

    // With a format that is known only at run time, the values are variants.
    const auto layout = weir::record_layout::parse("<Hh3sx?");
    weir::buffer out;
    if (auto done = layout->pack({1, -2, "abc", true}, out); !done) return done.error().print();
    for (const auto byte : out.view())
        std::cout << std::hex << std::to_integer<int>(byte) << ' ';
    const auto refused = layout->pack({1, 40000, "abc", true}, out);
    std::cout << '\n' << refused.error().message() << '\n';
    return refused ? 1 : 0;
}
