# Sourced by the other scripts: installs what is missing, and says so.
# shellcheck shell=bash

say() { printf '\n== %s\n' "$*"; }

# need_debian COMMAND-OR-FILE PACKAGE ...: pairs of what must exist and the
# Debian package that brings it.
need_debian() {
  local missing=()
  if (($# % 2)); then
    echo "need_debian takes pairs: $*" >&2
    return 1
  fi
  while (($# > 0)); do
    if ! command -v "$1" >/dev/null && ! compgen -G "$1" >/dev/null; then missing+=("$2"); fi
    shift 2
  done
  if ((${#missing[@]} == 0)); then return; fi
  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]} (these are Debian's names); install them and try again" >&2
    return 1
  fi
  local root=()
  if ((EUID != 0)); then root=(sudo); fi
  say "installing Debian packages: ${missing[*]}"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# need_npm FOLDER: the packages of its lock file, installed once per content.
need_npm() {
  local stamp="$1/node_modules/.installed"
  if cmp -s "$1/package-lock.json" "$stamp"; then return; fi
  say "installing npm packages of $1/package-lock.json"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$1/package-lock.json" "$stamp"
}

# scratch: where files go that nobody needs after the run: memory, where enough of
# it is free, so that no test waits for a disk.
scratch() {
  local free
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1 || true)
  if [[ -w /dev/shm && ${free:-0} -gt $((6 << 20)) ]]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}
