#!/usr/bin/env bash
# limits.sh: every row of weir/service/limits.h, against peers that try to exceed it: inside the program (channel_tests,
# which prints a line for each) and from outside, against `weir serve` with its defaults where the row does not name an
# option. Prints the table of docs/EVIDENCE.md; about a minute. Run by ./check full after the release build; fails if
# a limit is exceeded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build/check/release/tests/channel_tests --no-colors=true -tc='no limit of a server*,the memory of a server*'
timeout 180 python3 tests/tool/limits_attack.py build/check/release/weir
