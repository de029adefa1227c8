// The number of cuts of each stream that the tests of the laws try. A sanitizer makes each trial about ten times
// slower, so sanitizer builds try few cuts; the release build tries all of them.
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
