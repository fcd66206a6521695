#!/usr/bin/env bash
# Measures the product against the floor beside a PostgreSQL of its own, which
# waits for the disk as a real one does. Arguments go to the benchmark:
#
#   make bench ARGS='-many 100000 -only queue'
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

need_debian '/usr/lib/postgresql/*/bin/initdb' postgresql wrk wrk
go build -ldflags '-s -w' -o bin/floor ./bench/floor
go build -o bin/bench ./bench
exec env POSTGRES_DURABLE=1 scripts/with-postgres.sh bin/bench "$@"
