#!/usr/bin/env bash
# Lets the messages of a file happen once more, on both engines, and compares all
# that the product counts with a count of another make. Exits 0 when all is
# equal, 1 on any difference, 2 without data.
#
#   scripts/replay.sh messages.csv [-intake 26h]
set -euo pipefail

data=${1:-}
if [[ ! -f $data || ! -r $data ]]; then
  echo "${data:+$data is no file. }make replay needs DATA=/path/FILE.csv with the columns id, title, text, created, reply and replied" >&2
  exit 2
fi
data=$(realpath "$data")
shift
cd "$(dirname "$0")/.."

# PostgreSQL takes part where there is one, or where one can be started.
if [[ -z ${TEST_POSTGRES_URL:-} ]] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  exec scripts/with-postgres.sh "scripts/$(basename "$0")" "$data" "$@"
fi

export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath -tags=nomsgpack -pgo=off}"
go build -o bin/replay ./bench/replay
failed=0
bin/replay "$@" "$data" | sed 's/^/SQLite: /' || failed=1
if [[ -n ${TEST_POSTGRES_URL:-} ]]; then
  base=minqing_replay
  psql -qX "$TEST_POSTGRES_URL" -c "DROP DATABASE IF EXISTS $base" -c "CREATE DATABASE $base" 2>/dev/null
  trap 'psql -qX "$TEST_POSTGRES_URL" -c "DROP DATABASE IF EXISTS $base" || true' EXIT
  bin/replay "$@" -database "$(sed -E "s#^(postgres(ql)?://[^/]+)/[^?]*#\1/$base#" <<<"$TEST_POSTGRES_URL")" "$data" | sed 's/^/PostgreSQL: /' || failed=1
else
  echo 'PostgreSQL: left out, there is none here'
fi
exit "$failed"
