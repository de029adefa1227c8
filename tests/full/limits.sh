#!/usr/bin/env bash
# limits.sh: tests each limit in weir/service/limits.h with peers that try to exceed it. channel_tests measures inside
# the program, and prints a line for each limit. limits_attack.py measures from outside, with `weir serve` and its
# defaults unless a row names an option. Prints the table of docs/EVIDENCE.md in about a minute, and fails if a limit is
# exceeded. ./check full runs it after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build/check/release/tests/channel_tests --no-colors=true -tc='no limit of a server*,the memory of a server*'
timeout 180 python3 tests/tool/limits_attack.py build/check/release/weir
