#!/usr/bin/env bash
# openapi.json is what a linter of others accepts. tools/setup installs the linter; where it is not (no npm, no network)
# this test says so and counts as skipped (tools/tidy/count_tests.py).
set -euo pipefail
document=$(readlink -f "$1")
folder=$(getent passwd "$(id -u)" | cut -d: -f6)/.cache/spillway-openapi
linter=$folder/node_modules/.bin/redocly
if [ ! -x "$linter" ]; then
  echo "SKIPPED: the OpenAPI linter is not installed ($linter); tools/setup installs it where npm reaches its registry"
  exit 0
fi
export HOME=$TEST_TMPDIR REDOCLY_SUPPRESS_UPDATE_NOTICE=true REDOCLY_TELEMETRY=off
cd "$TEST_TMPDIR"
cp "$document" openapi.json
"$linter" lint --max-problems 1000 openapi.json
# The linter itself must be able to fail.
sed 's/"operationId": "listApps"/"operationId": "getApp"/' openapi.json >broken.json
if "$linter" lint broken.json >/dev/null 2>&1; then
  echo "the linter accepts two operations of one name" >&2
  exit 1
fi
