#!/usr/bin/env bash
# mutation.sh: runs mutants for a quarter of an hour. MUTATION="--all", or other options of mutation.py, selects others.
# ./check full runs it.
set -euo pipefail
read -ra options <<<"${MUTATION:-}"
exec python3 "$(dirname "${BASH_SOURCE[0]}")/mutation.py" "${options[@]}"
