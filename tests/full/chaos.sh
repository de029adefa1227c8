#!/usr/bin/env bash
# chaos.sh: runs tests/conformance/chaos_test.cc for a quarter of an hour under AddressSanitizer, and checks the
# invariants of each channel before each event. ./check full runs it after the asan build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
CHAOS_SECONDS=${CHAOS_SECONDS:-900} build/check/asan/tests/channel_tests --no-colors=true -tc='chaos*'
