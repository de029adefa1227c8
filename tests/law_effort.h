// Returns how many ways of cutting each stream the tests of the laws try. A sanitizer makes each trial about ten times
// slower, so sanitizer builds use effort::quick(); other builds use the default effort.
#pragma once

#include "weir/framing/laws/laws.h"

namespace weir_test {

inline weir::laws::effort law_effort() {
#ifdef WEIR_SANITIZED
    return weir::laws::effort::quick();
#else
    return {};
#endif
}

}  // namespace weir_test
