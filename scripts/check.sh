#!/usr/bin/env bash
# The checks of `make test`, which calls this with TEST_POSTGRES_URL set. A
# failed check does not stop the ones after it; the last line counts them all.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath -tags=nomsgpack -pgo=off}"
# One for each checkout; the same from run to run, so that go's cache of test results holds.
TMPDIR=$(scratch)/minqing-tests-$(pwd | cksum | cut -d ' ' -f 1)
export TMPDIR
rm -rf "$TMPDIR"
mkdir -m 1777 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
results=bin/test
mkdir -p "$results"
rm -f "$results"/*.json
failed=()

# step NAME COMMAND...: runs it and remembers the name if it failed.
step() {
  local name=$1 began=$SECONDS
  shift
  say "$name"
  "$@" || failed+=("$name")
  printf '(%s: %d s)\n' "$name" $((SECONDS - began))
}

# The tests compile the same packages: with a profile they would be compiled twice.
build() { make --no-print-directory build PGO=off; }

# The collector rests longer: memory is there, processor time is not. One of three
# packages waits while two work.
go_tests() {
  env GOGC=300 go tool -modfile=tools/go.mod gotestsum --format pkgname-and-test-fails --hide-summary=skipped \
    --jsonfile "$results/go.json" -- -p 3 -vet=off -timeout 25m ./... # lint has vetted all of it
}

# Browser journeys run on SQLite; those marked @smoke on PostgreSQL too.
journeys() {
  PGOPTIONS='-c client_min_messages=warning' psql -q "$TEST_POSTGRES_URL" \
    -c 'DROP DATABASE IF EXISTS minqing_browser' -c 'CREATE DATABASE minqing_browser' &&
    env -C e2e TEST_BROWSER_POSTGRES_URL="${TEST_POSTGRES_URL/\/postgres?//minqing_browser?}" \
      TEST_BROWSER_RESULTS="../$results/browser.json" npx --no-install playwright test
}

step 'compiled assets' scripts/assets.sh --check
step 'build' build
step 'format, vet, lint' scripts/lint.sh
step 'Go tests on SQLite and PostgreSQL' go_tests
step 'browser journeys' journeys

for name in "${failed[@]}"; do echo "FAILED: $name"; done
node scripts/count.mjs "$results" "${#failed[@]}"
((${#failed[@]} == 0))
