// The process on the other side of a Unix socket, as verified by the kernel. This file includes no system header.
#pragma once

#include "weir/base/language.h"

namespace [[gnu::visibility("default")]] weir {

// A process and its user and group (struct ucred, unix(7)), numbered as in the reader's namespaces.
// Thread safety: a value.
struct credentials {
    int process = 0;     // pid; 0 if the process is outside the reader's pid namespace
    unsigned user = 0;   // uid
    unsigned group = 0;  // gid

    friend bool operator==(const credentials&, const credentials&) noexcept = default;
};

}  // namespace weir
