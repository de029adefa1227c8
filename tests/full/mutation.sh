#!/usr/bin/env bash
# What ./check full runs: a quarter of an hour of mutants. MUTATION="--all" (or other options of mutation.py) for another share.
set -euo pipefail
read -ra options <<<"${MUTATION:-}"
exec python3 "$(dirname "${BASH_SOURCE[0]}")/mutation.py" "${options[@]}"
