// Decoders and encoders with one realistic mistake each, for all framings except lines and plain lengths. They were
// written without knowledge of the laws that must catch them. A name consists of the framing, a colon, and the mistake.
// The programs in the comments are examples of where such a mistake is likely; they are not reports of real bugs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/framing/laws/subject.h"

namespace planted {

// A correct encoder of the framing can encode all `messages`. Some mistakes are visible only with one of them.
struct planted {
    planted(std::string what, std::unique_ptr<weir::laws::subject> wrong, std::vector<weir::bytes> payloads)
        : name(std::move(what)), buggy(std::move(wrong)), messages(std::move(payloads)) {}

    std::string name;
    std::unique_ptr<weir::laws::subject> buggy;
    std::vector<weir::bytes> messages;
};

std::vector<planted> planted_others();
// The same code without a mistake, once for each framing: the laws must find no fault. The name is only the framing.
std::vector<planted> sound_others();

}  // namespace planted
