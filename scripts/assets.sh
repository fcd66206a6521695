#!/usr/bin/env bash
# Compiles static/src into static/dist. With --check it fails when the result
# that is committed was not made from these sources.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

fingerprint() { find static/dist -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }

need_npm .
before=$(fingerprint)
npm run --silent assets
if [[ ${1:-} == --check && $before != "$(fingerprint)" ]]; then
  echo "static/dist was not made from these sources; it is now: look at it and commit it" >&2
  exit 1
fi
