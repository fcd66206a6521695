#!/usr/bin/env bash
# Compiles static/src into static/dist. With --check it fails when the result
# that is committed was not made from these sources.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

need_npm .

# Half a result is worse than the old one: put that back if anything goes wrong.
before=$(mktemp -d)
cp -a static/dist "$before/"
trap 'rm -rf "$before"' EXIT
trap 'rm -rf static/dist; cp -a "$before/dist" static/; exit 1' ERR INT TERM HUP
npm run --silent assets
trap - ERR INT TERM HUP

if [[ ${1:-} == --check ]] && ! diff -rq "$before/dist" static/dist; then
  echo "static/dist was not made from these sources; it is now: look at it and commit it" >&2
  exit 1
fi
