// Real protocols, the framing of each, and bytes that the protocol really has.
//
//     name     as in docs/framing.md, section `field`
//     text     the framing
//     wire     whole frames in hex, as they are sent. [ ] surround each message, and | separates frames: without
//              brackets each frame is a message as a whole
//     stuffed  the message in hex if its bytes differ on the wire
//
// The comment above a row names the source of its bytes:
//
//     printed          the document prints these bytes, in hex or as text
//     layout           the bytes follow from the layout and the constants in the document
//     implementation   this well-known program sends them
#pragma once

namespace weir_test {

struct protocol {
    const char* name;
    const char* text;
    const char* wire;
    const char* stuffed = nullptr;
};

}  // namespace weir_test
