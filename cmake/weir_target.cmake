# weir_target(TARGET): what every target of this project is compiled and linked with. All of it is private: whoever
# links weir gets C++20 and nothing else.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

set(weir_flags)
set(weir_link_flags)

if(PROJECT_IS_TOP_LEVEL)
    list(APPEND weir_flags
        -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        list(APPEND weir_flags -Wno-restrict)  # g++ 12 sees it in "text" + std::string (GCC bug 105651)
    endif()
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND weir_flags -Wno-subobject-linkage)  # an anonymous namespace in an included file: here a source of the batch
endif()
if(WEIR_WERROR)
    list(APPEND weir_flags -Werror)
endif()

# The functions we export are not there to be replaced at run time, so they may be inlined into each other.
list(APPEND weir_flags -fno-semantic-interposition)

if(WEIR_SANITIZE)
    list(APPEND weir_flags -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    list(APPEND weir_link_flags -fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZ)
    list(APPEND weir_flags -fsanitize=fuzzer-no-link)
endif()

if(WEIR_HARDENING)
    list(APPEND weir_flags -fstack-protector-strong)
    foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection)
        string(MAKE_C_IDENTIFIER "weir_has${flag}" known)
        check_cxx_compiler_flag("-Werror ${flag}" ${known})
        if(${known})
            list(APPEND weir_flags ${flag})
        endif()
    endforeach()
    if(NOT WEIR_SANITIZE)  # fortified functions would hide from the sanitizers; without optimisation they do nothing
        list(APPEND weir_flags
            "$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>")
    endif()
    list(APPEND weir_link_flags LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()

function(weir_target target)
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE ${weir_flags})
    target_link_options(${target} PRIVATE ${weir_link_flags})
    if(WEIR_CHECKED)
        target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    endif()
endfunction()

# weir_compile_quickly(TARGET): for programs around the library, which compile more than they run: g++ takes twice as long for -O3.
# It needs the jump from one coroutine to the next, or each would take stack.
function(weir_compile_quickly target)
    target_compile_options(${target} PRIVATE
        $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-O1 -foptimize-sibling-calls>)
endfunction()

# weir_precompile(TARGET HEADER...): the standard headers that most files include, and HEADER..., are read once. Under sanitizers, and
# for tests and examples (weir_precompile_test) also in g++'s release build: what a file fails to include, the other builds show.
set(weir_standard_headers <algorithm> <array> <chrono> <coroutine> <functional> <map> <memory> <optional> <span> <string> <string_view>
    <thread> <unordered_map> <vector>)
function(weir_precompile target)
    if(WEIR_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        target_precompile_headers(${target} PRIVATE ${weir_standard_headers} ${ARGN})
    endif()
endfunction()
function(weir_precompile_test target)
    set(is_gnu_release FALSE)
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        set(is_gnu_release TRUE)
        # g++ 12 forgets that precompiled headers are the system's, and warns of what they do inside.
        target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
    endif()
    if(is_gnu_release OR (WEIR_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang"))
        # The first target of a folder with these headers makes them; those after it, with the same flags, take them from it.
        string(MAKE_C_IDENTIFIER "weir_precompiled_by_${CMAKE_CURRENT_SOURCE_DIR}_${ARGN}" key)
        get_property(maker GLOBAL PROPERTY ${key})
        if(maker)
            target_precompile_headers(${target} REUSE_FROM ${maker})
        else()
            target_precompile_headers(${target} PRIVATE ${weir_standard_headers} ${ARGN})
            set_property(GLOBAL PROPERTY ${key} ${target})
        endif()
    endif()
endfunction()
