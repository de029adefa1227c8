#!/usr/bin/env bash
# floods.sh: a good client is served while new connections arrive as fast as two cores allow. Each connection sends a
# request and resets (churn), or sends half of a message and resets (half). The server is `weir serve` on one loop, on
# both backends, with and without --json -v. Prints the table of docs/EVIDENCE.md: connections a second, the median, p99
# and slowest reply of the good client in ms, and bytes of log. Fails if a reply was late or the log was long. ./check
# full runs it after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
weir=build/check/release/weir
load=build/check/release/bench/echo/load
seconds=${FLOOD_SECONDS:-8}
server=""
folder=$(mktemp -d)
clean_up() {
    [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT

flood() {  # KIND BACKEND [OPTION...]
    local kind=$1 backend=$2 port figures rate
    shift 2
    "$weir" serve 127.0.0.1:0 -f lines --backend "$backend" --max-per-source none "$@" \
        >"$folder/out" 2>"$folder/log" </dev/null &
    server=$!
    until grep -q 'listening on' "$folder/log"; do sleep 0.05; done
    port=$(sed -nE 's/.*listening on 127.0.0.1:([0-9]+) .*/\1/p' "$folder/log" | head -n 1)
    "$load" "$port" lines 32 50 <<<"$kind $seconds" >"$folder/load" &
    figures=$(timeout $((seconds + 60)) python3 tests/tool/good_client.py "$port" "$((seconds - 1))")
    wait $!
    rate=$(python3 -c 'import json, sys
told = [json.loads(line) for line in sys.stdin if line.startswith("{")][0]
print(round(told["messages"] / told["seconds"]))' <"$folder/load")
    kill -TERM "$server"
    wait "$server"
    server=""
    printf '| %s | %s | %s | %s | %s |\n' "$kind" "$backend${*:+ $*}" "$rate" "$figures" \
        "$(cat "$folder/out" "$folder/log" | wc -c)"
    awk -F' \\| ' '{ exit !($1 < 5 && $2 < 50) }' <<<"$figures" || { echo "a good client waited" && return 1; }
}

printf '| flood | server | connections a second | median ms | p99 ms | slowest ms | bytes of log |\n|---|---|---|---|---|---|---|\n'
for backend in epoll io_uring; do
    flood churn "$backend"
    flood half "$backend"
    flood half "$backend" --json -v
done
