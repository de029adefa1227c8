// Decoders and encoders of len16 with planted bugs, written without knowledge of the laws that must catch them.
#pragma once

#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

// all_unseen_bugs(): each has exactly one bug. sound_unseen(): the same code without a bug.
std::vector<std::unique_ptr<weir::laws::subject>> all_unseen_bugs();
std::vector<std::unique_ptr<weir::laws::subject>> sound_unseen();

}  // namespace planted
