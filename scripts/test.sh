#!/usr/bin/env bash
# Everything that must hold. Installs what is missing, then runs check.sh beside
# a PostgreSQL of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

for tool in go node npm; do
  command -v "$tool" >/dev/null || { echo "make test needs $tool: install Go 1.26 and Node.js 20 first" >&2; exit 1; }
done
need_debian '/usr/lib/postgresql/*/bin/initdb' postgresql psql postgresql-client /usr/sbin/dovecot dovecot-imapd sqlite3 sqlite3 \
  /usr/bin/chromium-headless-shell chromium-headless-shell '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' fonts-noto-cjk
need_npm e2e

exec scripts/with-postgres.sh scripts/check.sh
