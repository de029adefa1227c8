#!/usr/bin/env bats
# docs/limits.md, docs/errors.md and their Chinese pages: names, defaults and texts agree with the headers, the sources
# and the command. limits_document.py and page.py compare them.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/limits.md
  chinese=$top/docs/limits.zh-CN.md
  programs=$(dirname "$WEIR")/examples
  export WEIR
}

holds() {  # holds CHECK DOCUMENT...: runs a check of limits_document.py, or of page.py
  case $1 in
    names | defaults | command | codes) python3 "$top/tests/tool/limits_document.py" "$@" ;;
    table-texts) python3 "$top/tests/tool/limits_document.py" texts "${@:2}" ;;
    *) python3 "$top/tests/tool/page.py" "$@" ;;
  esac
}

@test "the page about limits lists each member of the option classes, each socket option and each counter" {
  holds names "$english"
  holds names "$chinese"
  fails_after '/^\| `linger_bytes` \| 1 MiB \| input/d' names
  fails_after 's/^\| `handshakes` \| 1,000/| `shakes` | 1,000/' names
  fails_after '/^\| `keep_alive_count` /d' names
  fails_after 's/(`syn_count` \| )`int`/\1`bool`/' names
  fails_after 's/`TCP_SYNCNT`/`TCP_SYN_COUNT`/' names
  fails_after '/^\| `paused` /d' names
}

@test "the defaults on the page about limits are those in the headers" {
  holds defaults "$english"
  holds defaults "$chinese"
  fails_after 's/^(\| `stalled_send` \|) 30 s/\1 20 s/' defaults
  fails_after 's/server: 5 min/server: 15 min/' defaults
  fails_after 's/^(\| `connections` \|) 10,000/\1 1,000/' defaults
  fails_after 's/^(\| `least_delay` \|) 50 us/\1 50 ms/' defaults
  fails_after 's/^(\| `newest` \|) `tls_1_3`/\1 `tls_1_2`/' defaults
}

@test "the options of weir serve and their defaults on the page about limits are those in its help" {
  holds command "$english"
  holds command "$chinese"
  fails_after '/^\| `--drain` /d' command
  fails_after 's/^(\| `--max-connections` \|) 1,000/\1 10,000/' command
  fails_after 's/^\| `--idle`/| `--idle`, `--silent`/' command
}

@test "the texts on the page about limits are those in the sources" {
  holds table-texts "$english"
  holds table-texts "$chinese"
  fails_after 's/no first message arrived within/no message came within/' table-texts
  fails_after 's/the limit of handshakes is reached/the limit of handshakes was reached/' table-texts
}

@test "the English and the Chinese page about limits have the same tables, code, commands and outputs" {
  holds languages "$english" "$chinese"
  holds code "$english"
  holds session "$english" "$programs"
  holds links "$english" "$top/docs"
  holds links "$chinese" "$top/docs"
  fails_after 's/`ended by its handler`/`ended by it`/' languages "$chinese"
  fails_after 's/limits\.connections = /limits.most_connections = /' code
  fails_after 's/^hello$/hello hello/' session "$programs"
}

@test "the English and the Chinese page about errors have the same texts, which are those in the sources" {
  english=$top/docs/errors.md
  chinese=$top/docs/errors.zh-CN.md
  holds languages "$english" "$chinese"
  holds texts "$english"
  holds code "$english"
  holds codes "$english"
  holds session "$english" "$programs"
  holds links "$english" "$top/docs"
  holds links "$chinese" "$top/docs"
  fails_after 's/`address already in use/`address in use/' texts
  fails_after 's/`a task can be awaited only once`/`a task is awaited twice`/' texts
  fails_after '/^\| `not supported` /d' codes
  fails_after 's/`evicted`/`evict`/' languages "$chinese"
}
