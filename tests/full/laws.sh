#!/usr/bin/env bash
# laws.sh: the complete sweeps of the laws (tests/laws/sweep_test.cc) for a sample of every kind of framing: all cuts of
# 200 bytes into at most four pieces, confluence for every pair of places in 4 KiB, and errors after 4 GiB of the
# stream. ./check full runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
LAW_EFFORT=complete build/check/release/tests/law_tests --no-colors=true --duration=true -tc='sweep*'
