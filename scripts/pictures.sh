#!/usr/bin/env bash
# Makes the pictures of README.md anew, from bin/minqing and a city full of cases.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/need.sh
. scripts/need.sh

need_debian /usr/bin/chromium-headless-shell chromium-headless-shell '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' fonts-noto-cjk
need_npm e2e
mkdir -p docs/pictures
env -C e2e npx --no-install playwright test --config pictures.config.ts
