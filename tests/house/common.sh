# shellcheck shell=bash
# The other scripts in this folder source this file. They check the tree at their first argument (by default this tree),
# print each violation of a rule, and exit with 1 if there is one.
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

sources() {  # sources FOLDER...: lists all sources and headers in these folders
    find "$@" -type f \( -name '*.h' -o -name '*.cc' -o -name '*.cpp' \) 2>/dev/null | sort
}

search() {  # search PATTERN: searches the files that are named on standard input
    xargs -r -d '\n' grep -nHE "$1"
}

# The public and the private headers, as weir/CMakeLists.txt lists them.
public_headers() { listed_headers '/^set([a-z]*_headers$/,/^)/p'; }
private_headers() { listed_headers '/^set([a-z]*_private_headers$/,/^)/p'; }
listed_headers() { sed -n "$1" weir/CMakeLists.txt | sed -nE 's|^ +([a-z0-9_/]+\.h)$|weir/\1|p'; }
