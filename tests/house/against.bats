#!/usr/bin/env bats
# bench/compare --against: its conclusions from measurements, the order of the servers, and the commit that it uses.

setup() {
  top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  cd "$BATS_TEST_TMPDIR" || exit 1
  export PYTHONPATH=$top/bench PYTHONDONTWRITEBYTECODE=1
}

compared() {  # compared OLD NEW [MORE]: OLD and NEW are Python lists of rounds of two runs; MORE goes to Comparison
  run python3 - <<END
import against
from measurement import Figures
old, new = Figures(), Figures()
old.rounds, new.rounds = $1, $2
row = against.Comparison("P1 P2", "made up", old, new, float, "{:.2f}".format${3:+, $3})
print(*against.lines([row]), row.is_good, sep="\n")
END
  [ "$status" -eq 0 ]
}

@test "a result is slower if its whole interval is above 1.01" {
  compared '[(1, 1)] * 8' '[(1.02, 1.02)] * 8'
  [[ $output == *'| P1 P2 | made up | 1.00 | 1.02 | 1.020 [1.020, 1.020] | +0.0% | slower |'*'1 slower'*False ]]
  compared '[(1, 1)] * 8' '[(1.0101, 1.0101)] * 8'
  [[ $output == *'| slower |'*False ]]
  compared '[(1, 1)] * 8' '[(1.01, 1.01)] * 8'
  [[ $output == *'| not slower |'*'1 not slower'*True ]]
  compared '[(1, 1)] * 8' '[(0.5, 0.5)] * 8'
  [[ $output == *'0.500 [0.500, 0.500] | +0.0% | not slower |'*True ]]
}

@test "a result whose interval begins below 1.01 is not slower, however high its middle is" {
  compared '[(1, 1)] * 8' '[(1.0, 1.0), (1.1, 1.1)] * 4'
  [[ $output == *'| 1.050 [1.000, 1.100] | +0.0% | not slower |'*True ]]
}

@test "if the control differs by more than 2%, the result is too noisy to tell, and not good" {
  for new in 0.5 1 2; do
    compared '[(1, 1.03)] * 8' "[($new, $new)] * 8"
    [[ $output == *'| +3.0% | too noisy to tell |'*'1 too noisy to tell'*False ]]
    compared '[(1, 0.97)] * 8' "[($new, $new)] * 8"
    [[ $output == *'| -3.0% | too noisy to tell |'*False ]]
  done
  compared '[(1, 1.019)] * 8' '[(2, 2)] * 8'
  [[ $output == *'| +1.9% | slower |'*False ]]
}

@test "the control of the 99th percentile may differ by more" {
  compared '[(1, 1.09)] * 8' '[(1, 1.09)] * 8' 'noise=0.1'
  [[ $output == *'| not slower |'*True ]]
  compared '[(1, 1.11)] * 8' '[(1, 1.11)] * 8' 'noise=0.1'
  [[ $output == *'| too noisy to tell |'*False ]]
}

@test "a count of a single round has no interval" {
  compared '[(600, 600)]' '[(612, 612)]' 'more="more"'
  [[ $output == *'| 600.00 | 612.00 | 1.020 | +0.0% | more |'*False ]]
  compared '[(600, 600)]' '[(600, 600)]' 'more="more"'
  [[ $output == *'| 1.000 | +0.0% | not more |'*True ]]
}

@test "old and new servers alternate, and only the requested rows are measured" {
  cat >turns.py <<'END'
import against
import goals
from collections import defaultdict
def table(folder, results, workload, servers, controls):
    print(folder, workload.title, *(f"{one.name} = {one.command[0]}" for one in servers), "controls", *controls, sep="\n")
    return defaultdict(lambda: None), 0
goals.table = table
against.Comparison = lambda *what, **how: None
against.compare("own", "other", goals.LOOK, {"P10"})
END
  run python3 turns.py
  [ "$status" -eq 0 ]
  [ "$output" = "own
64 B, lines, connect, one message, reset; 20 at a time
weir, epoll, old = other/weir_plain
weir, epoll, new = own/weir_plain
weir, io_uring, old = other/weir_plain
weir, io_uring, new = own/weir_plain
controls
weir, epoll, old
weir, io_uring, old" ]
}

repository() {  # makes a repository of three commits: without the programs, with them, and a later one
  git init --quiet repository
  cd repository || exit 1
  git config user.name nobody
  git config user.email nobody@localhost
  git commit --quiet --allow-empty -m first
  mkdir -p bench/echo
  touch bench/echo/weir_plain.cc bench/echo/weir_callbacks.cc
  echo /build/ >.gitignore
  git add .
  git commit --quiet -m second
  echo changed >bench/echo/weir_plain.cc
  git commit --quiet -am third
}

fetched() {  # fetched COMMIT
  run python3 -c 'import against, sys
other = against.Checkout(".")
other.fetch(other.resolve(sys.argv[1]))
print(other.title())' "$1"
}

@test "a commit that does not exist, or has no servers to measure, is refused before anything is built" {
  repository
  fetched nowhere
  [ "$status" -eq 1 ]
  [ "$output" = "bench/compare --against nowhere: there is no such commit in this repository" ]
  fetched HEAD~2
  [ "$status" -eq 1 ]
  [[ $output == *"HEAD~2: this commit has no bench/echo/weir_plain.cc"*"the first commit that has it: $(git log -1 --format=%h HEAD~1)" ]]
  fetched --help
  [ "$status" -eq 1 ]
  [[ $output == *'no such commit'* ]]
  [ ! -e build ]
}

@test "an unknown commit or goal on the command line is an error" {
  (($(nproc) >= 2)) || skip "two cores are needed"
  repository
  cp "$top"/bench/{compare,*.py} bench/
  run bench/compare --against nowhere --smoke
  [ "$status" -eq 1 ]
  [ "$output" = "bench/compare --against nowhere: there is no such commit in this repository" ]
  run bench/compare --against HEAD --only P99
  [ "$status" -eq 1 ]
  [[ $output == *'--only P99'* ]]
  run bench/compare --against HEAD --only P12
  [ "$status" -eq 1 ]
  [[ $output == *'it measures P1 to P11'* ]]
  [ ! -e build ]
}

@test "the same commit keeps its build, and another commit or a changed source is built anew" {
  repository
  fetched HEAD~1
  [ "$status" -eq 0 ]
  [[ $output == *' (second)' ]]
  [ ! -s build/bench-against/source/bench/echo/weir_plain.cc ]
  mkdir build/bench-against/build
  fetched HEAD~1
  [ "$status" -eq 0 ]
  [ -d build/bench-against/build ]
  fetched HEAD
  [[ $output == *' (third)' ]]
  [ ! -e build/bench-against/build ]
  [ "$(<build/bench-against/source/bench/echo/weir_plain.cc)" = changed ]
  echo altered >build/bench-against/source/bench/echo/weir_plain.cc
  mkdir build/bench-against/build
  fetched HEAD
  [ ! -e build/bench-against/build ]
  [ "$(<build/bench-against/source/bench/echo/weir_plain.cc)" = changed ]
  rm -r build  # git still has the worktree in its list
  fetched HEAD
  [ "$status" -eq 0 ]
  [ "$(git worktree list | wc -l)" -eq 2 ]
  [ "$(git status --porcelain)" = "" ]
  [ "$(git log -1 --format=%s)" = third ]
}
