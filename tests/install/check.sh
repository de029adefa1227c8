#!/usr/bin/env bash
# check.sh SOURCE STATIC SHARED: uses weir as other projects do. STATIC and SHARED are build trees of SOURCE; both are installed
# beneath STATIC/install, moved, and then used through find_package and through pkg-config; SOURCE is used through
# add_subdirectory. The programs must compile, link only the libraries that they request, and run.
set -euo pipefail
source=$(realpath "$1") static=$(realpath "$2") shared=$(realpath "$3")
project=$source/tests/install
work=$static/install
rm -rf "$work"
mkdir -p "$work"

build_outside() {  # build_outside NAME OPTION...: builds the programs with cmake, and runs them
    local name=$1
    shift
    printf '== %s\n' "$name"
    cmake -S "$project" -B "$work/$name" -G Ninja -D CMAKE_CXX_COMPILER=g++ "$@"
    cmake --build "$work/$name"
    "$work/$name/split"
    "$work/$name/converse"
    [[ $name == add-subdirectory ]] || "$work/$name/secure"
    if ninja -C "$work/$name" -t commands converse | tail -n 1 | grep -E 'lib(ssl|weir_tls)\.(a|so)'; then
        printf 'weir::weir alone brought in TLS\n'
        return 1
    fi
    if ninja -C "$work/$name" -t commands split | tail -n 1 | grep -E '/libweir\.(a|so)'; then
        printf 'weir::framing alone brought in the socket layer\n'
        return 1
    fi
}

build_by_hand() {  # build_by_hand NAME PREFIX: builds the programs with g++ and pkg-config only, and runs them
    local name=$1 prefix=$2 flags program
    printf '== %s\n' "$name"
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name weir.pc)")
    export PKG_CONFIG_PATH
    mkdir -p "$work/$name"
    for program in split:weir-framing converse:weir secure:weir-tls; do
        # shellcheck disable=SC2162 # pkg-config writes a space in a path as a backslash and a space
        read -a flags < <(pkg-config --cflags --libs "${program#*:}")
        printf '%s: %s\n' "$program" "${flags[*]}"
        g++ -std=c++20 "$project/${program%:*}.cpp" "${flags[@]}" -o "$work/$name/${program%:*}"
        LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") "$work/$name/${program%:*}"
    done
    if pkg-config --libs --static weir-framing | grep -w -e -lweir; then
        printf 'weir-framing alone brings in the socket layer\n'
        return 1
    fi
}

build_as_printed() {  # build_as_printed PREFIX: runs g++ commands of the pages, one of each kind, on installed examples
    local examples line name lines
    examples=$(find "$1" -path '*/doc/weir/examples' -type d)
    PKG_CONFIG_PATH=$(dirname "$(find "$1" -name weir.pc)")
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2016 # $NAME is a text of the page
    mapfile -t lines < <(grep -hE '^g\+\+ -std=c\+\+20 (server|client|first_task|\$NAME|timeout|tls_own_ca)\.cpp ' "$source"/docs/*.md "$source"/README.md | sed 's/\$NAME/t01_stream_sockets/g' | sort -u)
    ((${#lines[@]} >= 4))
    for line in "${lines[@]}"; do
        name=$(sed -E 's/^g\+\+ -std=c\+\+20 ([^ ]*)\.cpp .*/\1/' <<<"$line")
        printf '== %s\n' "$line"
        (cd "$(dirname "$(find "$examples" -name "$name.cpp" | head -n 1)")" && eval "$line")
    done
}

for tree in "$static" "$shared"; do
    kind=$(basename "$tree")
    cmake --install "$tree" --prefix "$work/before" >/dev/null
    mv "$work/before" "$work/$kind"
    build_outside "find-package-$kind" -D CMAKE_PREFIX_PATH="$work/$kind" -D CMAKE_CXX_STANDARD=23
    build_by_hand "pkg-config-$kind" "$work/$kind"
done
build_as_printed "$work/$(basename "$static")"
# A unity build, which a project may use for all of its sources, takes half the time.
build_outside add-subdirectory -D WEIR_SOURCE="$source" -D CMAKE_BUILD_TYPE=Debug -D WEIR_URING=OFF -D WEIR_TLS=OFF -D CMAKE_UNITY_BUILD=ON
