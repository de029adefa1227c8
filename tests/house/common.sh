# shellcheck shell=bash
# Sourced by the scripts beside it. They read the tree at their first argument (this one by default), print what breaks
# a rule, and exit with 1 if something does.
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 2
wrong=0

refuse() {  # refuse SENTENCE: every line on standard input is a violation of this rule
    local line
    while IFS= read -r line; do
        printf '%s\n    %s\n' "$line" "$1"
        wrong=1
    done
}

verdict() { exit "$wrong"; }

sources() {  # sources FOLDER...: every source and header in them
    find "$@" -type f \( -name '*.h' -o -name '*.cc' -o -name '*.cpp' \) 2>/dev/null | sort
}

search() {  # search PATTERN: in the files named on standard input
    xargs -r -d '\n' grep -nHE "$1"
}

# The public and the private headers, as weir/CMakeLists.txt lists them.
public_headers() { listed_headers '/^set([a-z]*_headers$/,/^)/p'; }
private_headers() { listed_headers '/^set([a-z]*_private_headers$/,/^)/p'; }
listed_headers() { sed -n "$1" weir/CMakeLists.txt | sed -nE 's|^ +([a-z0-9_/]+\.h)$|weir/\1|p'; }
