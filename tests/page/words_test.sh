#!/usr/bin/env bash
# Runs the page's tests under node. Debian's nodejs comes with npm, which tools/setup does not install; where it is not,
# this test says so and counts as skipped (tools/tidy/count_tests.py).
set -euo pipefail
if ! command -v node >/dev/null; then
  echo "SKIPPED: node is not installed (apt-get install nodejs); the browser's test still looks at the page"
  exit 0
fi
cp -L "$@" "$TEST_TMPDIR"
cd "$TEST_TMPDIR"
echo '{"type":"module"}' >package.json
TZ=UTC node --test ./*_test.js
# The runner itself must be able to fail.
sed 's/At rest/At sea/' words.js >sunk.js && mv sunk.js words.js
if TZ=UTC node --test words_test.js >/dev/null 2>&1; then
  echo "the tests accept a page that says something else" >&2
  exit 1
fi
