#!/usr/bin/env bash
# examples.sh: runs each example in 10,000 simulated networks, plain and through a transform.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
EXAMPLE_SEEDS=${EXAMPLE_SEEDS:-10000} build/check/release/tests/channel_tests -d -tc='the eight lines*,the chat room*,each question*,a file arrives*'
