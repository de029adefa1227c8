#include "weir/loop/trampoline.h"

namespace weir::trampoline {

constinit thread_local std::coroutine_handle<> pending;

}  // namespace weir::trampoline
