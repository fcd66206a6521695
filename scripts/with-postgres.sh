#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: a private cluster of Debian's
# programs on a free port of 127.0.0.1, owned by an unprivileged user, gone
# afterwards however the command ends. TEST_POSTGRES_URL tells where it is; when
# that is set already, the server it names is used as it stands.
#
#   scripts/with-postgres.sh go test ./internal/cases
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

if [[ -n ${TEST_POSTGRES_URL:-} ]]; then exec "$@"; fi

need_debian '/usr/lib/postgresql/*/bin/initdb' postgresql
programs=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)

as_server=()
if ((EUID == 0)); then
  owner=nobody
  if id -u postgres >/dev/null 2>&1; then owner=postgres; fi
  as_server=(runuser -u "$owner" --)
fi

below=$(scratch)
if [[ ${POSTGRES_DURABLE:-} == 1 ]]; then below=${TMPDIR:-/tmp}; fi
folder=$(mktemp -d "$below/minqing-postgres.XXXXXX")
child=

# shellcheck disable=SC2317 # the trap below calls it
stop() {
  local status=$?
  trap - EXIT INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  "${as_server[@]}" "$programs/pg_ctl" stop -D "$folder/data" -m immediate -s >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The password and, where it is free, the port stay the same from run to run, so
# that go's cache of test results holds.
secret=bin/test/postgres-password
mkdir -p bin/test
if [[ ! -s $secret ]]; then
  (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$secret")
fi
port=54329
while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done

cp "$secret" "$folder/password"
if ((EUID == 0)); then chown -R "$owner" "$folder"; fi
cd "$folder"
"${as_server[@]}" "$programs/initdb" -D "$folder/data" -U minqing -E UTF8 --locale=C.UTF-8 \
  --auth=scram-sha-256 --pwfile="$folder/password" --no-sync >"$folder/initdb.log" 2>&1 ||
  { cat "$folder/initdb.log" >&2; exit 1; }
# fsync is off because nothing here outlives the run; POSTGRES_DURABLE=1 turns it
# on, for measuring. Another run may take the port between the look and the
# start: then the next one is tried.
settings='-c shared_buffers=256MB -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=2GB'
if [[ ${POSTGRES_DURABLE:-} == 1 ]]; then
  settings='-c shared_buffers=2GB -c work_mem=16MB -c max_wal_size=4GB -c shared_preload_libraries=pg_stat_statements'
fi
until "${as_server[@]}" "$programs/pg_ctl" start -D "$folder/data" -l "$folder/server.log" -w -s -o "-p $port \
  -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 $settings" 2>"$folder/start.log"; do
  if ! grep -q 'Address already in use' "$folder/server.log" || ((++port > 54429)); then
    cat "$folder/start.log" "$folder/server.log" >&2
    exit 1
  fi
  rm -f "$folder/server.log"
done
cd "$OLDPWD"

TEST_POSTGRES_URL="postgres://minqing:$(<"$secret")@127.0.0.1:$port/postgres?sslmode=disable"
export TEST_POSTGRES_URL

# A process group of its own, so that an interrupt ends all of it at once.
set -m
"$@" </dev/null &
child=$!
set +m
status=0
wait "$child" || status=$?
child=
exit "$status"
