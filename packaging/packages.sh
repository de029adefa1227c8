# shellcheck shell=bash
# Sourced by ./run and ./check: finds what a build needs by looking for the thing itself, and installs the Debian
# packages of what is missing. Everything is said on standard error.
#
#     install_what_is_missing need_for_command ...

CXX=${CXX:-g++}

say() { printf '%s\n' "$*" >&2; }

need() {  # need PACKAGE TEST...: the package is missing unless the test succeeds
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || case " ${missing[*]} " in
        *" $package "*) ;;
        *) missing+=("$package") ;;
    esac
}

need_command() { need "$2" command -v "$1"; }

need_header() { need "$2" compiler_accepts "__has_include(<$1>)"; }

compiler_accepts() {  # does this hold in the compiler's preprocessor?
    printf '#if !(%s)\n#error no\n#endif\n' "$1" | "$CXX" -E -x c++ - >/dev/null 2>&1
}

# What ./run needs: a compiler, cmake, make and the packages behind the command.
need_for_command() {
    need_command "$CXX" g++
    need_command cmake cmake
    need_command make make
    need_command pkg-config pkg-config
    need_header CLI/CLI.hpp libcli11-dev
    need_header fmt/core.h libfmt-dev
    need_header liburing.h liburing-dev
    need_header openssl/ssl.h libssl-dev
}

# What builds the site of the documentation. Its Python is Debian's, whatever else is called python3.
need_for_docs() {
    need_command /usr/bin/python3 python3
    need_command doxygen doxygen
    need_module sphinx python3-sphinx
    need_module furo furo
    need_module myst_parser python3-myst-parser
    need_module breathe python3-breathe
    need_module jieba python3-jieba
}

need_module() { need "$2" /usr/bin/python3 -c "import $1"; }

# Calls the given functions, which say what is needed, installs what is missing, and looks again.
install_what_is_missing() {
    look_for "$@" && return
    say "weir: missing packages: ${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        say "weir: there is no apt-get here; install what these Debian packages hold, and start again"
        return 1
    fi
    local as_root=() log
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            say "weir: install them as root: apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    say "weir: installing them with apt-get"
    log=$(mktemp)
    {
        "${as_root[@]}" apt-get update
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
            -o DPkg::Lock::Timeout=300 "${missing[@]}"
    } >"$log" 2>&1 </dev/null || tail -n 20 "$log" >&2
    rm -f "$log"
    look_for "$@" && return
    say "weir: still missing: ${missing[*]}"
    return 1
}

look_for() {
    missing=()
    local needs
    for needs in "$@"; do "$needs"; done
    ((${#missing[@]} == 0))
}

# The versions we build with; a sentence and false when one is too old.
new_enough() {
    # shellcheck disable=SC2016 # the preprocessor reads it
    if ! compiler_accepts 'defined(__clang__) ? __clang_major__ >= 16 : __GNUC__ >= 12'; then
        say "weir: $CXX $("$CXX" -dumpversion) is too old: g++ 12 or clang 16 is needed; name another with CXX=g++-12 $0"
        return 1
    fi
    local found
    found=$(cmake --version | sed -n '1s/[^0-9]*//p')
    if [[ $(printf '3.25\n%s\n' "$found" | sort -V | head -n 1) != 3.25 ]]; then
        say "weir: cmake $found is too old: 3.25 or newer is needed"
        return 1
    fi
}
