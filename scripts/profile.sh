#!/usr/bin/env bash
# Notes what a server spends its processor time on while the benchmark's loads run, and keeps
# it in cmd/minqing/default.pgo, after which `make build` compiles the program.
# Worth doing again when what is done for a page or a filing has changed much.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

need_debian '/usr/lib/postgresql/*/bin/initdb' postgresql wrk wrk
CPU_PROFILES=$(mktemp -d)
export CPU_PROFILES
# The profile names the program by its path: one that says nothing of the machine.
program=/tmp/minqing-profile/minqing
trap 'rm -rf "$CPU_PROFILES" "${program%/*}"' EXIT
GOFLAGS='-buildvcs=false -trimpath -tags=nomsgpack,profile -pgo=off' go build -o "$program" ./cmd/minqing
# What it says of goals is of no account here: floor and product take turns, and few rounds are made.
scripts/bench.sh -program "$program" -few 10000 -many 0 -rounds 1 -time 10s -only '10000|SQLite' || true
go tool pprof -proto "$CPU_PROFILES"/*.pprof >"$CPU_PROFILES/merged"
mv "$CPU_PROFILES/merged" cmd/minqing/default.pgo
go tool pprof -top -nodecount 10 cmd/minqing/default.pgo
