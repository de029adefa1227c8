#!/usr/bin/env bash
# churn.sh: ten minutes of connections on real sockets that talk, are cancelled and are aborted; neither memory nor
# descriptors may grow. Then runs the ledger of a service in 10,000 simulated networks. ./check full runs it after the
# release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
CHURN_SECONDS=${CHURN_SECONDS:-600} build/check/release/tests/channel_tests --no-colors=true -tc='connections come and go*'
LEDGER_SEEDS=10000 build/check/release/tests/channel_tests --no-colors=true -tc='the fate of every message*'
