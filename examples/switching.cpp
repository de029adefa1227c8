// A stream that changes its framing: lines until both sides have agreed, lengths from then on. Bytes of the new framing
// that arrived together with the last line are not lost, not even a partial message.
#include <weir/base/text.h>
#include <weir/framing/decoder.h>
#include <weir/framing/decoder_memory.h>
#include <weir/framing/encoder.h>

#include <iostream>

int main() {
    const auto before = weir::framing::lines();
    const auto after = weir::framing::len16();
    weir::buffer wire;
    const auto add = [&](const weir::framing& how, weir::bytes_view message) {
        if (auto made = weir::encoder(how).encode(message, wire); !made) made.error().print();
    };
    add(before, "UPGRADE len16");
    add(after, "two\nlines");
    add(after, "end");

    weir::decoder decode(before);
    const std::size_t cut = wire.size() - 2;  // the first read returns all but the last two bytes
    for (const auto& input : {wire.view().first(cut), wire.view().from(cut)}) {
        decode.feed(input);
        for (auto step = decode.next(); step.what == weir::decoder::message; step = decode.next()) {
            std::cout << decode.described().to_string() << ": " << weir::to_hex(step.payload) << '\n';
            if (step.payload.text() == "UPGRADE len16") decode.switch_to(after);
        }
        std::cout << "held: " << weir::decoder_memory::held(decode) << '\n';
    }
}
