#!/usr/bin/env bash
# tls.sh: the conformance tests over TLS in a thousand simulated networks. Run by ./check full after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export WEIR_BACKEND='simulated, tls' WEIR_SEEDS=${TLS_SEEDS:-1000}
build/check/release/tests/channel_tests --no-colors=true -tce='*torture*,each allocation*,chaos*'
