#!/usr/bin/env bats
# Checks that the site builds without a warning, that every public name is documented and in the reference, and that the
# search finds every term of the glossary. browser.py, in ./check full, checks the site with a browser.

setup_file() {
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  export top site=$top/build/check/site
  /usr/bin/python3 "$top/site/build.py" "$site" >"$BATS_FILE_TMPDIR/built" 2>&1 || true
}

holds() { /usr/bin/python3 "$top/tests/site/site.py" "$@"; }

@test "the site builds without a warning: links, contents, references" {
  cat "$BATS_FILE_TMPDIR/built"
  [[ $(tail -n 1 "$BATS_FILE_TMPDIR/built") == *": 0 warnings" ]]
}

@test "every public name is documented and in the reference" {
  holds documented "$site/xml" "$site/html"
}

@test "a name without a description, or one that is in no page of the reference, is detected" {
  cd "$BATS_TEST_TMPDIR"
  mkdir -p altered/xml altered/html/en/reference
  cp "$site"/xml/{class,struct,namespaceweir}*.xml altered/xml
  cp "$site"/html/en/reference/*.html altered/html/en/reference
  sed -i '/<name>shutdown_send<\/name>/,/<\/detaileddescription>/ { /<para>/d }' altered/xml/classweir_1_1channel.xml
  rm altered/html/en/reference/records.html
  run holds documented altered/xml altered/html
  [ "$status" -eq 1 ]
  [[ $output == *"weir::channel::shutdown_send has no description"* ]]
  [[ $output == *"weir::record_codec is in no page of the reference"* ]]
}

@test "every page exists in both languages, and no picture is missing" {
  holds sisters
  cp -r "$top/docs" "$BATS_TEST_TMPDIR/docs"
  rm "$BATS_TEST_TMPDIR/docs/tls.zh-CN.md" "$BATS_TEST_TMPDIR/docs/pictures/concepts.svg"
  run holds sisters "$BATS_TEST_TMPDIR/docs"
  [ "$status" -eq 1 ]
  [[ $output == *"docs/tls is there in one language alone"* ]]
}

@test "the pictures are those that their source draws" {
  /usr/bin/python3 "$top/site/pictures.py" "$BATS_TEST_TMPDIR/pictures"
  diff -r "$BATS_TEST_TMPDIR/pictures" "$top/docs/pictures"
}

@test "the Chinese search finds every term of the glossary" {
  holds search "$site/html"
  mkdir "$BATS_TEST_TMPDIR"/{en,zh}
  for language in en zh; do cp "$site/html/$language/searchindex.js" "$BATS_TEST_TMPDIR/$language"; done
  sed -i 's/\\u534a\\u5173\\u95ed/\\u534a/g' "$BATS_TEST_TMPDIR/zh/searchindex.js"
  run holds search "$BATS_TEST_TMPDIR"
  [ "$status" -eq 1 ]
  [[ $output == *"the search index has not 半关闭"* ]]
}

@test "the theme from Debian is complete: its script runs, its style sheets exist, and it has dark colours" {
  for language in en zh; do
    (! grep -q '^import' "$site/html/$language/_static/scripts/furo.js")
    (! grep -rE 'url\(["'"'"']?/' "$site/html/$language/_static/styles")
    grep -q 'data-theme="auto"' "$site/html/$language/_static/styles/furo.css"
    grep -q 'prefers-color-scheme: dark' "$site/html/$language/_static/styles/furo.css"
  done
}

@test "the site has each file of the repository with colours, and unchanged" {
  grep -q 'href="echo_many.cpp" download' "$site/html/source/examples/tutorial/echo_many.cpp.html"
  cmp "$site/html/source/examples/tutorial/echo_many.cpp" "$top/examples/tutorial/echo_many.cpp"
}
