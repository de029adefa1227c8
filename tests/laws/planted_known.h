// A small hand-written decoder of lines and len32, with bugs that were planted with knowledge of the laws.
#pragma once

#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

std::vector<std::unique_ptr<weir::laws::subject>> all_known_bugs();
std::vector<std::unique_ptr<weir::laws::subject>> sound_known();

}  // namespace planted
