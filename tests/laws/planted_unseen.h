// Wrong decoders and encoders of len16 that the laws must catch, written without knowledge of the laws.
#pragma once

#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

// Each except the sound one has exactly one bug.
std::vector<std::unique_ptr<weir::laws::subject>> all_unseen_bugs();
std::vector<std::unique_ptr<weir::laws::subject>> sound_unseen();

}  // namespace planted
