#!/usr/bin/env bash
# tls.sh: the conformance tests over TLS in a thousand simulated networks, and a thousand reloads of certificates under
# load. ./check full runs it after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export WEIR_BACKEND='simulated, tls' WEIR_SEEDS=${TLS_SEEDS:-1000}
build/check/release/tests/channel_tests --no-colors=true -sfe='*large_test*' -tce='*torture*,each allocation*,chaos*'
# Each run of large_test sends megabytes, so a thousand runs would take an hour.
WEIR_SEEDS=50 build/check/release/tests/channel_tests --no-colors=true -sf='*large_test*'
TLS_RELOADS=1000 build/check/release/tests/tls_tests --no-colors=true -tc='certificates are changed while*'
