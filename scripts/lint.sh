#!/usr/bin/env bash
# Formatting, go vet, staticcheck. Every finding is printed before it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath -tags=nomsgpack -pgo=off}"
failed=0

mapfile -t files < <(find . -name '*.go' -not -path './node_modules/*' -not -path './bin/*' -not -path './var/*')
unformatted=$(gofmt -l "${files[@]}")
if [[ -n $unformatted ]]; then
  printf 'gofmt would change:\n%s\n' "$unformatted" >&2
  failed=1
fi
go vet ./... || failed=1
go tool -modfile=tools/go.mod staticcheck ./... || failed=1
exit "$failed"
