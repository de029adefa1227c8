// Stops the compilation below C++20, with an error that names the missing compiler option. Public headers include this
// file before <coroutine>, because the error in <coroutine> does not name that option. No other file of the library
// tests a compiler setting with #if.
#pragma once

#if __cplusplus < 202002L
#error "weir needs C++20: compile with -std=c++20 or later (CMake: link weir::weir, or set CMAKE_CXX_STANDARD to 20)"
#endif
