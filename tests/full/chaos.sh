#!/usr/bin/env bash
# chaos.sh: a quarter of an hour of tests/conformance/chaos_test.cc under AddressSanitizer, with the invariants of each
# channel checked before each event. Run by ./check full after the asan build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
CHAOS_SECONDS=${CHAOS_SECONDS:-900} build/check/asan/tests/channel_tests --no-colors=true -tc='chaos*'
