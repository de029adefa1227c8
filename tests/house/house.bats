#!/usr/bin/env bats
# Checks that the scripts for the rules of this project find violations. Each test plants one mistake in a small tree.

setup() {
  rules="$BATS_TEST_DIRNAME"
  tree="$BATS_TEST_TMPDIR/tree"
  mkdir -p "$tree"/weir/{base,framing,socket,stream} "$tree"/{tool,examples,tests}
  cd "$tree"
  header weir/base/word.h
  header weir/framing/frame.h '#include "weir/base/word.h"'
  header weir/socket/plug.h '#include "weir/base/word.h"'
  printf '#pragma once\nnamespace weir::internal {\n}\n' >weir/framing/inner.h
  printf '#include "weir/socket/plug.h"\n\n#include <sys/socket.h>\n' >weir/socket/plug.cc
  printf '#include <weir/socket/plug.h>\n' >tool/main.cc
  cat >weir/CMakeLists.txt <<'END'
set(framing_headers
    base/word.h
    framing/frame.h
)
set(framing_private_headers
    framing/inner.h
)
set(weir_headers
    socket/plug.h
)
set(weir_sources
    socket/plug.cc
)
END
  printf 'add_executable(weir_command\n    main.cc\n)\n' >tool/CMakeLists.txt
  git init --quiet
}

header() {
  printf '#pragma once\n%s\nnamespace [[gnu::visibility("default")]] weir {\n}\n' "${2:-}" >"$1"
}

refused() {  # refused SCRIPT TEXT: checks that the script fails and prints TEXT
  run "$rules/$1" "$tree"
  [ "$status" -eq 1 ]
  [[ $output == *"$2"* ]]
}

@test "a tree without violations passes" {
  run "$rules/arrows.sh" "$tree"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  run "$rules/rules.sh" "$tree"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "an include of a higher layer is refused" {
  echo '#include "weir/framing/frame.h"' >>weir/base/word.h
  refused arrows.sh 'weir/base/word.h:5:#include "weir/framing/frame.h"'
}

@test "sockets must not include the framing" {
  echo '#include <weir/framing/frame.h>' >>weir/socket/plug.cc
  refused arrows.sh "weir/socket includes only: socket base"
}

@test "a folder that belongs to no layer is refused" {
  mkdir weir/attic
  refused arrows.sh "weir/attic/"
}

@test "a system header above the socket layer is refused" {
  echo '#include <poll.h>' >>weir/framing/frame.h
  refused arrows.sh "system headers are for weir/socket, weir/loop and weir/kernel alone"
}

@test "a clock in the framing is refused" {
  echo 'auto now = std::chrono::steady_clock::now();' >>weir/framing/frame.h
  refused arrows.sh "no clock"
}

@test "a socket call in the command is refused" {
  echo '#include <netinet/in.h>' >>tool/main.cc
  refused arrows.sh "through the library"
}

@test "a private header in the command is refused" {
  echo '#include <weir/framing/inner.h>' >>tool/main.cc
  refused arrows.sh "not a public header"
}

@test "a header that is installed only for the library is refused in the command" {
  mkdir weir/base/internal
  printf '#pragma once\nnamespace [[gnu::visibility("default")]] weir {\nnamespace internal {\n}\n}\n' >weir/base/internal/word.h
  sed -i 's|    base/word.h|&\n    base/internal/word.h|' weir/CMakeLists.txt
  echo '#include "weir/base/internal/word.h"' >>weir/base/word.h
  run "$rules/arrows.sh" "$tree"
  [ "$status" -eq 0 ]
  run "$rules/rules.sh" "$tree"
  [ "$status" -eq 0 ]
  sed -i 's/namespace internal/namespace inner/' weir/base/internal/word.h
  refused rules.sh "declares its names in namespace internal"
  echo '#include <weir/base/internal/word.h>' >>tool/main.cc
  refused arrows.sh "programs use the others"
}

@test "a public header that includes a private one is refused" {
  echo '#include "weir/framing/inner.h"' >>weir/framing/frame.h
  refused arrows.sh "not a public header"
}

@test "an #ifdef is refused" {
  echo '#ifdef __linux__' >>weir/socket/plug.cc
  refused rules.sh "no #if"
}

@test "a figure in README that was not measured is refused" {
  echo '| 64 B | 1.10 | 1.07 | 0.95 | 20.1 | 1.2 | 3,400 |' >"$tree/README.md"
  refused rules.sh "bench/RESULTS.md has it"
  mkdir -p "$tree/bench"
  echo '| in other words | 1.10 | 1.07 | 0.95 | 20.1 | 1.2 | 3,400 |' >"$tree/bench/RESULTS.md"
  run "$rules/rules.sh" "$tree"
  [ "$status" -eq 0 ]
}

@test "a macro is refused" {
  echo '#define PLUG_MAX 7' >>weir/socket/plug.h
  refused rules.sh "no macro but WEIR_CHECK"
}

@test "a header without #pragma once is refused" {
  printf 'namespace weir::internal {\n}\n' >weir/framing/inner.h
  refused rules.sh "#pragma once"
}

@test "a source that includes another header before its own is refused" {
  sed -i '1i #include <string>' weir/socket/plug.cc
  refused rules.sh "a source includes its own header first"
}

@test "a co_await that g++ 12 compiles wrongly is refused" {
  echo '    if (co_await sleep(1s)) ++woken;' >>tool/main.cc
  refused rules.sh "name what is awaited"
  echo '    co_return last ? 0 : 1 + co_await deep();' >>tool/main.cc
  refused rules.sh "no co_await in a ?:"
}

@test "a source that is in no list of CMake is refused" {
  touch weir/socket/forgotten.cc tool/forgotten.cc
  refused rules.sh "is not listed in weir/CMakeLists.txt"
  refused rules.sh "is not listed in tool/CMakeLists.txt"
}

@test "a public header that exports nothing is refused" {
  sed -i 's/^namespace.*/namespace weir {/' weir/socket/plug.h
  refused rules.sh "a public header opens"
}

@test "a private header that exports is refused" {
  header weir/framing/inner.h
  refused rules.sh "a private header exports nothing"
  printf '#pragma once\nnamespace weir {\n}\n' >weir/framing/inner.h
  refused rules.sh "a private header declares namespace weir::internal"
}

@test "a file of more than 500 lines is refused" {
  seq -f '// %g' 501 >weir/socket/plug.cc
  refused rules.sh "more than 500 lines"
}

@test "a line of more than 120 columns is refused, counted in characters" {
  printf '// %s\n' "$(printf 'ü%.0s' {1..117})" >>weir/socket/plug.cc
  run "$rules/rules.sh" "$tree"
  [ "$status" -eq 0 ]
  printf '// %s\n' "$(printf 'u%.0s' {1..118})" >>weir/socket/plug.cc
  refused rules.sh "more than 120 columns"
}

@test "a class with more than three booleans, with optionals and those of its base, is refused; this tree has none" {
  python3 "$rules/booleans.py"
  cat >weir/socket/plug.h <<'END'
class plug final : public waiting, private base::wire {
    bool is_in() const;
    bool is_in_ = false;
    std::atomic<bool> is_on_{true};  // bool is_old_;
};
struct wire { std::optional<int> is_live; };
struct waiting { bool is_parked_ : 1; };
END
  refused booleans.py "weir/socket/plug.h: plug holds 4 booleans, at most 3: is_in_, is_on_, is_parked_, is_live"
  sed -i '/is_live/d' weir/socket/plug.h
  python3 "$rules/booleans.py" "$tree"
}

@test "a folder of more than 25 files is refused" {
  for one in {1..23}; do printf '\n' >"weir/socket/more$one.cc"; done
  sed -i 's/^    socket\/plug.cc$/&\n    socket\/more1.cc/' weir/CMakeLists.txt
  for one in {2..23}; do sed -i "s/^    socket\/more1.cc$/&\n    socket\/more$one.cc/" weir/CMakeLists.txt; done
  run "$rules/rules.sh" "$tree"
  [ "$status" -eq 0 ]
  printf '\n' >weir/socket/more24.cc
  refused rules.sh "weir/socket: 26 files"
}

@test "a path of somebody's machine is refused" {
  printf 'see /%s/alice/notes\n' home >NOTES.md
  refused rules.sh "a path of somebody's machine"
}
