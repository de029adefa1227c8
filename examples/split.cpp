// weir::framing alone, without a socket: bytes in, messages out, however the bytes are split. Use it on
// top of Asio, libuv or a serial port.
#include <weir/framing/decoder.h>
#include <weir/framing/encoder.h>

#include <iostream>

int main() {
    // The framing may be a text from a configuration file or from the command line.
    auto described = weir::framing::parse("len8,offset=1,magic=7e,check=xor8");
    if (!described) return described.error().print();

    weir::buffer wire;
    const weir::encoder encode(*described);
    for (const auto* const text : {"split", "anywhere"}) {
        if (auto framed = encode.encode(text, wire); !framed) return framed.error().print();
    }
    wire.append("GET / HTTP/1.1");  // then bytes of another protocol

    weir::decoder decode(*described);
    for (std::size_t at = 0; at < wire.size(); ++at) {  // one byte at a time
        decode.feed(wire.view().part(at, 1));
        for (auto step = decode.next(); step.what != weir::decoder::more; step = decode.next()) {
            if (step.what == weir::decoder::failed) {
                std::cout << decode.failure().message() << "\nat byte " << decode.failed_at() << " of the stream\n";
                return 0;
            }
            std::cout << "message: " << step.payload.text() << '\n';
        }
    }
    return 1;
}
