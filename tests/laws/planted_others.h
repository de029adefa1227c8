// Decoders and encoders with one realistic mistake each, for all kinds except lines and plain lengths, written without
// knowledge of the laws that must catch them. A name is the framing, a colon, and the mistake. The programs in the
// comments are examples of where such a mistake is likely, from experience and not from a record of one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

// `messages` can all be encoded by a right encoder of the framing; some mistakes need one of them to be seen.
struct planted {
    planted(std::string what, std::unique_ptr<weir::laws::subject> wrong, std::vector<weir::bytes> payloads)
        : name(std::move(what)), buggy(std::move(wrong)), messages(std::move(payloads)) {}

    std::string name;
    std::unique_ptr<weir::laws::subject> buggy;
    std::vector<weir::bytes> messages;
};

std::vector<planted> planted_others();
// The same code without a mistake, one a framing: nothing may be found in these. Here the name is the framing alone.
std::vector<planted> sound_others();

}  // namespace planted
