// How far the tests go with the laws. A sanitizer makes each trial about ten times as slow, so there they try few cuts
// of each stream; the release build tries them all.
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
