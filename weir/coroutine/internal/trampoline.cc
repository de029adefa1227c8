#include "weir/coroutine/internal/trampoline.h"

namespace weir::internal::trampoline {

constinit thread_local std::coroutine_handle<> pending;

}  // namespace weir::internal::trampoline
