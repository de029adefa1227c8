#!/usr/bin/env bash
# arrows.sh [ROOT]: folders are layers, and every arrow points down. Prints each include, clock or system header that
# stands in the wrong folder.
set -uo pipefail
# shellcheck source=tests/house/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# What a folder under weir/ may include from weir/: itself, and these.
declare -A below=(
    [base]=""
    [framing]="base"
    [socket]="base"
    [loop]="base socket"
    [sim]="base loop"
    [stream]="base framing socket loop"
    [service]="base framing socket loop stream"
)
socket_headers='sys/socket|sys/un|netinet/[a-z0-9_]+|arpa/inet|netdb|net/[a-z_]+|linux/[a-z_]+|liburing'
system_headers="$socket_headers|unistd|poll|fcntl|sys/[a-z]+"
clocks='(steady|system|high_resolution|utc)_clock::now|clock_gettime|gettimeofday|[^a-z_]time\(nullptr|random_device'

for folder in weir/*/; do
    layer=$(basename "$folder")
    if [[ ! -v below[$layer] ]]; then
        refuse "has no place among the layers: say in tests/house/arrows.sh what it may include" <<<"$folder"
        continue
    fi
    allowed="$layer ${below[$layer]}"
    refuse "weir/$layer includes only: $allowed" < <(
        sources "$folder" | search '^ *# *include *["<](weir|tool|tests)/' |
            grep -vE "[\"<]weir/(${allowed// /|})/(internal/)?[a-z0-9_]+\.h[\">]")
    case $layer in
        socket | loop) ;;
        *) refuse "system headers are for weir/socket and weir/loop alone" < <(
            sources "$folder" | search "^ *# *include *<($system_headers)(\.h)?>") ;;
    esac
done

refuse "no clock and no entropy is read here: the time is an argument" < <(
    sources weir/base weir/framing weir/sim | search "$clocks")
# What is called posix shows the framing without the library's sockets.
refuse "programs reach sockets through the library" < <(
    sources tool examples | grep -v '^examples/posix_' | search "^ *# *include *<($socket_headers)(\.h)?>")
refuse "programs include weir as <weir/...>" < <(
    sources tool examples | search '^ *# *include *"weir/')
refuse "not a public header: public headers and programs stand on public headers alone" < <(
    { public_headers; sources tool examples; } | search '^ *# *include *["<]weir/' |
        grep -vE "[\"<]($(public_headers | paste -sd '|'))[\">]")
refuse "headers in internal/ are for the library's own headers: programs use the others" < <(
    sources tool examples | search '^ *# *include *["<]weir/[a-z]+/internal/')
verdict
