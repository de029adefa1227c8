#!/usr/bin/env bash
# What ./check full runs: the sweeps of the laws, complete (tests/laws/sweep_test.cc): all cuts of 200 bytes into at most four pieces,
# confluence for every pair of places in 4 KiB, and errors after 4 GiB of stream, for a sample of every kind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
LAW_EFFORT=complete build/check/release/tests/law_tests --no-colors=true --duration=true -tc='sweep*'
