# shellcheck shell=bash
# Shared by the tests of documents.
# shellcheck disable=SC2015,SC2154 # the last line is meant as it is; the tests and bats set the variables

# For a test that sets $english and defines holds(): checks that holds() fails for an altered document.
fails_after() {  # fails_after SED-SCRIPT CHECK [ARGUMENT...]: runs CHECK on the altered document
  sed -E "$1" "$english" >altered.md
  if cmp -s altered.md "$english"; then echo "changes nothing: $1"; return 1; fi
  run holds "$2" altered.md "${@:3}"
  [ "$status" -eq 1 ] && [[ $output != *Traceback* ]] || { echo "not noticed: $1"; echo "$output"; return 1; }
}
