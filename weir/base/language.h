// Refuses a compiler that is set to less than C++20, with an error that names the missing option. Every public header
// includes this one before <coroutine>, whose own error does not name the option that is missing. It is the only file
// of the library that tests a setting of the compiler with #if.
#pragma once

#if __cplusplus < 202002L
#error "weir needs C++20: compile with -std=c++20 or later (CMake: link weir::weir, or set CMAKE_CXX_STANDARD to 20)"
#endif
