// A user's program that uses only the framing of weir, and has its own sockets.
#include <weir/framing/decoder.h>
#include <weir/framing/encoder.h>

#include <cstdio>

int main() {
    const weir::framing described = weir::framing::len16();
    weir::buffer stream;
    if (auto sent = weir::encoder(described).encode("hello", stream); !sent) return sent.error().print();

    weir::decoder decode(described);
    decode.feed(stream.view());
    const auto step = decode.next();
    if (step.what != weir::decoder::message || step.payload != weir::bytes_view("hello")) return 1;
    std::puts("hello");
    return 0;
}
