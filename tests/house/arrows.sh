#!/usr/bin/env bash
# arrows.sh [ROOT]: checks that folders are layers, and that a layer includes only lower ones. Prints each include,
# clock or system header that is in the wrong folder.
set -uo pipefail
# shellcheck source=tests/house/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The folders of weir/ that a folder under weir/ may include, besides itself and its internal/. A folder that is not
# listed here belongs to its parent folder.
declare -A below=(
    [base]=""
    [framing]="base framing/formats framing/record"
    [framing/formats]="base framing"
    [framing/record]="base framing"
    [framing/laws]="base framing"
    [socket]="base"
    [loop]="base socket"
    [kernel]="base socket loop kernel/common kernel/epoll kernel/uring"
    [kernel/common]="base socket loop"
    [kernel/epoll]="base socket loop kernel/common"
    [kernel/uring]="base socket loop kernel/common"
    [coroutine]="base loop kernel"
    [sim]="base loop"
    [stream]="base framing socket loop coroutine"
    [tls]="base socket loop coroutine stream"
    [service]="base framing socket loop kernel coroutine stream"
)
layer_of() {  # layer_of PATH: sets $layer to the layer of a folder under weir/
    layer=$1
    while [[ $layer == */* && ! -v below[$layer] ]]; do layer=${layer%/*}; done
}
socket_headers='sys/socket|sys/un|netinet/[a-z0-9_]+|arpa/inet|netdb|net/[a-z_]+|linux/[a-z_]+|liburing'
system_headers="$socket_headers|unistd|poll|fcntl|sys/[a-z]+"
clocks='(steady|system|high_resolution|utc)_clock::now|clock_gettime|gettimeofday|[^a-z_]time\(nullptr|random_device'

refuse "has no place among the layers: say in tests/house/arrows.sh what it may include" < <(
    for folder in weir/*/; do [[ -v below[$(basename "$folder")] ]] || printf '%s\n' "$folder"; done)
points_up() {  # prints the input lines FILE:NUMBER:#include... that break the table
    local line layer from included
    while IFS= read -r line; do
        from=${line%%:*}
        from=${from#weir/}
        layer_of "${from%/*}"
        from=$layer
        included=${line#*#*[<\"]}
        included=${included%%[>\"]*}
        layer=${included#weir/}
        [[ $included == weir/*/* ]] && layer_of "${layer%/*}"
        [[ ! -v below[$from] || " $from ${below[$from]} " == *" $layer "* ]] ||
            printf '%s: weir/%s includes only: %s\n' "$line" "$from" "$from ${below[$from]}"
    done
}
refuse "an arrow points up" < <(
    sources weir | grep -E '^weir/.*/' | search '^ *# *include *["<](weir|tool|tests)/' | points_up)
refuse "system headers are for weir/socket, weir/loop and weir/kernel alone" < <(
    sources weir | grep -vE '^weir/(socket|loop|kernel)/' | search "^ *# *include *<($system_headers)(\.h)?>")

refuse "no clock and no entropy is read here: the time is an argument" < <(
    sources weir/base weir/framing weir/sim | search "$clocks")
# Files named posix use the framing without the sockets of the library. lesson.h drops packets of a peer with a socket
# filter.
refuse "programs reach sockets through the library" < <(
    sources tool examples | grep -vE '^examples/(posix_|textbook/lesson\.h$)' | search "^ *# *include *<($socket_headers)(\.h)?>")
refuse "programs include weir as <weir/...>" < <(
    sources tool examples | search '^ *# *include *"weir/')
refuse "not a public header: public headers and programs stand on public headers alone" < <(
    { public_headers; sources tool examples; } | search '^ *# *include *["<]weir/' |
        grep -vE "[\"<]($(public_headers | paste -sd '|'))[\">]")
refuse "headers in internal/ are for the library's own headers: programs use the others" < <(
    sources tool examples | search '^ *# *include *["<]weir/[a-z/]+/internal/')
verdict
