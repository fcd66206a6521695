#!/usr/bin/env bash
# Imports a city's own requests into fresh databases and compares our verdicts
# with the city's. Exits 0 when all are equal, 1 on any difference, 2 without data.
#
#   scripts/eval.sh boston_2015.csv.gz   (or a folder that has it)
set -euo pipefail

data=${1:-}
if [[ -d $data ]]; then # a folder that has it somewhere
  found=$(find -L "$data" -name 'boston_2015.csv*' -not -name '*.rejected.csv' 2>/dev/null | sort | head -n 1)
  data=${found:-$data}
fi
if [[ ! -f $data || ! -r $data ]]; then
  echo "${data:+$data is no file. }make eval needs DATA=/path/to/FILE.csv[.gz]: the 311 service requests of 2015 from Boston's open data portal, https://data.boston.gov/dataset/311-service-requests" >&2
  exit 2
fi
data=$(realpath "$data")
cd "$(dirname "$0")/.."

# PostgreSQL takes part where there is one, or where one can be started.
if [[ -z ${TEST_POSTGRES_URL:-} ]] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  exec env POSTGRES_DURABLE="${POSTGRES_DURABLE:-1}" scripts/with-postgres.sh "scripts/$(basename "$0")" "$data"
fi

export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath -tags=nomsgpack -pgo=off}"
go build -o bin/minqing ./cmd/minqing
go build -o bin/verdicts ./bench/verdicts

base=minqing_eval
folder=$(mktemp -d "${TMPDIR:-/tmp}/minqing-eval.XXXXXX")
drop() { psql -qX "$TEST_POSTGRES_URL" -c "DROP DATABASE IF EXISTS $base" 2>/dev/null; }
trap 'rm -rf "$folder"; if [[ -n ${TEST_POSTGRES_URL:-} ]]; then drop || true; fi' EXIT

# evaluate NAME URL: import twice, export, compare. The second import must find
# everything known. Refused rows are written beside a link to the data.
failed=0
evaluate() {
  local name=$1 home="$folder/$1" file again
  mkdir "$home"
  ln -s "$data" "$home/"
  file="$home/$(basename "$data")"
  minqing() {
    env MINQING_DATABASE_URL="$url" MINQING_KEYS="$home/keys" MINQING_BLOB_URL="file:$home/blobs" bin/minqing "$@" 2>>"$home/log"
  }
  local url=$2
  if ! { minqing migrate up >>"$home/log" && minqing import cases "$file" --mapping boston-311 >"$home/first" &&
    minqing import cases "$file" --mapping boston-311 >"$home/again" && minqing export cases --format csv >"$home/cases.csv"; }; then
    cat "$home/log" >&2
    failed=1
    return
  fi
  sed "s/^/$name: /" "$home/first"
  again=$(sed 's/ imported.*//;q' "$home/again")
  echo "$name: $again imported by running it again"
  if [[ $again != 0 ]]; then failed=1; fi
  bin/verdicts "$data" "$home/cases.csv" | sed "s/^/$name: /" || failed=1
}

evaluate SQLite "sqlite:$folder/eval.db"
if [[ -n ${TEST_POSTGRES_URL:-} ]]; then
  drop || true
  psql -qX "$TEST_POSTGRES_URL" -c "CREATE DATABASE $base"
  evaluate PostgreSQL "$(sed -E "s#^(postgres(ql)?://[^/]+)/[^?]*#\1/$base#" <<<"$TEST_POSTGRES_URL")"
else
  echo 'PostgreSQL: left out, there is none here'
fi
exit "$failed"
