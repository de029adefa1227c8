// Bugs planted by someone who knows the laws, in a small decoder for lines and len32 as one would write it by hand.
#pragma once

#include <memory>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

std::vector<std::unique_ptr<weir::laws::subject>> all_known_bugs();
std::vector<std::unique_ptr<weir::laws::subject>> sound_known();

}  // namespace planted
