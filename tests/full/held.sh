#!/usr/bin/env bash
# held.sh: a server with default limits in a memory cgroup(7) of 256 MiB, and 1,000 or 4,000 peers that send messages of
# 1 MiB and take no reply. The server is not killed, and a good client is always served. ./check full runs it after the
# release build. It needs root, and cgroups of version 1 or 2.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
weir=build/check/release/weir
seconds=${HELD_SECONDS:-15}
limit=$((256 << 20))
name=weir-held-$$
server="" group=""

make_group() {
    if [[ -e /sys/fs/cgroup/memory/tasks ]]; then
        group=/sys/fs/cgroup/memory/$name
        mkdir "$group"
        echo "$limit" >"$group/memory.limit_in_bytes"
    elif grep -qw memory /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then
        group=/sys/fs/cgroup/$name
        mkdir "$group"
        echo "$limit" >"$group/memory.max"
    else
        echo "there is no cgroup with a memory controller here"
        return 1
    fi
}
clean_up() {
    [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    [[ -z $group ]] || rmdir "$group" || true
    rm -f "$log"
}
log=$(mktemp)
trap clean_up EXIT
make_group

most() {  # prints the peak memory of the cgroup in MiB
    local file
    for file in memory.max_usage_in_bytes memory.peak memory.current; do
        [[ -e $group/$file ]] && echo "$(($(<"$group/$file") >> 20)) MiB" && return
    done
}

for backend in epoll io_uring; do
    for peers in 1000 4000; do
        # The server joins the cgroup before it starts, so that it finds the limit.
        bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group" \
            "$weir" serve 127.0.0.1:0 -f len32 --max-connections 5000 --backend "$backend" >"$log" 2>&1 </dev/null &
        server=$!
        until grep -q 'listening on' "$log"; do sleep 0.05; done
        port=$(sed -nE 's/.*listening on 127.0.0.1:([0-9]+) .*/\1/p' "$log" | head -n 1)
        figures=$(python3 tests/tool/held_attack.py "$port" "$server" "$peers" "$seconds")
        printf '%s, %s peers: %s; cgroup %s at most\n' "$backend" "$peers" "$figures" "$(most)"
        kill -TERM "$server"  # fails if the kernel has killed the server
        wait "$server" || true
        server=""
        [[ $figures == *" failed 0 "* ]] || { echo "a good client was not served" && exit 1; }
        peak=$(sed -E 's/.*peak_kib ([0-9]+).*/\1/' <<<"$figures")
        ((peak <= (64 + 32) * 1024 + 64 * peers)) || { echo "more is resident than it may hold" && exit 1; }
    done
done
