#!/usr/bin/env bash
# tls_floods.sh: runs tls_floods.py on both backends: handshakes that stall, are slow, or are not TLS, beside a good
# client. Prints the table of docs/EVIDENCE.md. ./check full runs it after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
printf '| backend | attackers | how they ended | good connections | errors | median ms | slowest ms | resident MiB | CPU s |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
for backend in epoll io_uring; do
    timeout 120 python3 tests/full/tls_floods.py build/check/release/weir "$backend"
done
