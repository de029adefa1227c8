// Makes the format of a framing. Only its source includes all concrete formats. Not for users.
#pragma once

#include <memory>

#include "weir/framing/description.h"
#include "weir/framing/format.h"

namespace weir::internal {

// Makes the format of a description that check_framing() accepted.
std::shared_ptr<const format> make_format(const description& fields);

}  // namespace weir::internal
