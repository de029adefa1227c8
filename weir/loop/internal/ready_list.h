// The list of items that a loop runs next, first in, first out.
#pragma once

#include "weir/loop/internal/intrusive_list.h"

namespace [[gnu::visibility("default")]] weir {
namespace internal {

// An item that the loop runs soon. If it is destroyed first, it leaves its list.
class ready_item : public list_item<ready_item> {
public:
    virtual ~ready_item() = default;

    virtual void run() = 0;
};

// Thread safety: its loop's thread alone.
using ready_list = intrusive_list<ready_item>;

}  // namespace internal
}  // namespace weir
