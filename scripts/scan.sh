#!/usr/bin/env bash
# Looks for holes from outside: wapiti walks the running demo, signed in as a
# citizen, as a handler and, since that one locks accounts, last as a security
# administrator, and tries what it finds. Prints what it reports
# and fails when anything of that is of medium level (2) or higher. What it says
# of level 1 comes from http: https:// in MINQING_BASE_URL makes cookies Secure and
# sends HSTS; X-XSS-Protection is a header that browsers have given up.
#
#   scripts/scan.sh [SECONDS]   how long each walk may last; 300 when left out
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

need_debian /usr/bin/wapiti wapiti
most=${1:-300}
dir=$(mktemp -d)
port=8197
MINQING_DATABASE_URL=sqlite:$dir/demo.db MINQING_KEYS=$dir/keys.json MINQING_BLOB_URL=file:$dir/blobs MINQING_METRICS_LISTEN=off \
    MINQING_RATE_LIMITS=off MINQING_LOG_LEVEL=error bin/minqing serve --demo --listen 127.0.0.1:$port >"$dir/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$dir"' EXIT
url=http://127.0.0.1:$port
until curl -sf "$url/readyz" >/dev/null; do
    kill -0 $server 2>/dev/null || { cat "$dir/log"; exit 1; } # the city is being loaded
    sleep 0.2
done

# Debian 12 pairs wapiti 3.0.4 with a Python that refuses how it writes -x.
mkdir "$dir/py"
cat >"$dir/py/sitecustomize.py" <<'PY'
import re
compiled = re._compile
def moved(pattern, flags):
    if isinstance(pattern, str) and pattern.endswith("(?ms)"):
        pattern = "(?ms)" + pattern[:-5]
    return compiled(pattern, flags)
re._compile = moved
PY

# found is the page of an account, which only a form leads to.
found() {
    curl -sf -o "$dir/page" -c "$dir/jar" --data-urlencode email=security@demo.test --data-urlencode password=Linjiang-2026! "$url/sign-in"
    curl -sf -o "$dir/page" -b "$dir/jar" --data-urlencode q=head@demo.test "$url/admin/accounts"
    grep -om1 '/admin/accounts/[0-9a-f-]\{36\}' "$dir/page"
}

for who in citizen handler security; do
    wapiti-getcookie -u "$url/sign-in" -c "$dir/$who.json" -d "email=$who@demo.test&password=Linjiang-2026!" >"$dir/$who.cookie" 2>&1
    grep -q mq_session "$dir/$who.json" || { echo "$who could not sign in:"; cat "$dir/$who.cookie"; exit 1; }
    start=$url/
    [ $who = handler ] && start=$url/desk
    [ $who = security ] && start="$url$(found)"
    PYTHONPATH=$dir/py wapiti -u "$start" -c "$dir/$who.json" --scope domain -x "$url/sign-out" --max-links-per-page 40 --max-files-per-dir 30 \
        --max-scan-time "$most" --max-attack-time $((most / 8)) --flush-session --no-bugreport -v 0 -f json -o "$dir/$who.report" >"$dir/$who.out" 2>&1 || true
    [ -s "$dir/$who.report" ] || { echo "wapiti wrote no report for $who:"; tail -20 "$dir/$who.out"; exit 1; }
    python3 - "$who" "$dir/$who.report" <<'PY' || bad=1
import json, sys
who, path = sys.argv[1:]
report = json.load(open(path))
found = [(kind, one) for part in ("vulnerabilities", "anomalies") for kind, all in report[part].items() for one in all]
for kind, one in found:
    print(f"{who}: {kind}, level {one['level']}: {one['method']} {one['path']} {one.get('parameter') or ''} – {one['info']}")
print(f"{who}: {len(found)} reports")
sys.exit(any(one["level"] > 1 for _, one in found))
PY
done
[ -z "${bad:-}" ]
