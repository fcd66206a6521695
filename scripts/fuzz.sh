#!/usr/bin/env bash
# Runs every fuzzer for a while, one after the other; the first crash ends it.
#
#   scripts/fuzz.sh [TIME] [NAMES]   60s each, and all, when left out; NAMES is an
#                                    expression such as 'Cookie|Notice'
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rlE '^func Fuzz' internal --include='*_test.go' | sort | while read -r file; do
    for name in $(grep -oE '^func Fuzz[A-Za-z0-9]+' "$file" | sed 's/func //' | { grep -E "${2:-.}" || true; }); do
        echo "$(dirname "$file") $name"
        go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "${1:-60s}" -parallel 1 -fuzzminimizetime 100x | tail -2
    done
done
