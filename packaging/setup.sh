#!/usr/bin/env bash
# Prepare this checkout: system libraries, virtual environment, locked wheels, compiled forms.
# Idempotent: a stamp holds the digest of everything it depends on, so a second call costs milliseconds.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.venv/.ready
digest=$(cat requirements.lock packaging/linux/packages.txt packaging/setup.sh packaging/compile_forms.py ui/*.ui | sha256sum | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ] && exit 0

# 1. Debian packages: installed when we may, named exactly when we may not.
if command -v dpkg-query >/dev/null 2>&1; then
  missing=""
  while read -r name _; do
    case "$name" in ''|'#'*) continue ;; esac
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
  done < packaging/linux/packages.txt
  if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo"; else as_root="none"; fi
    if [ "$as_root" = none ]; then
      echo "System libraries are missing. Ask an administrator to run:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
      echo "Going on without them: the window or some tests may not start." >&2
    else
      echo "Installing system libraries:$missing"
      export DEBIAN_FRONTEND=noninteractive
      $as_root apt-get update -qq
      # shellcheck disable=SC2086
      $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
  fi
else
  echo "This is not a Debian system; the libraries it needs are named in packaging/linux/packages.txt" >&2
fi

# 2. A Python that is 3.11, 3.12 or 3.13.
python=""
for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
  [ -n "$candidate" ] || continue
  if "$candidate" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
    python=$candidate; break
  fi
done
if [ -z "$python" ]; then
  echo "No Python 3.11, 3.12 or 3.13 was found. Install one (Debian: apt-get install python3 python3-venv) and run make again." >&2
  exit 1
fi

# 3. The virtual environment, from hash-locked wheels only.
if ! .venv/bin/python -c '' >/dev/null 2>&1; then
  rm -rf .venv
  "$python" -m venv .venv
fi
echo "Installing locked packages into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD" > "$site/nas_desktop_checkout.pth"
printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m nas_desktop "$@"\n' "$PWD" > .venv/bin/nas-desktop
chmod +x .venv/bin/nas-desktop

# 4. Qt Designer forms.
.venv/bin/python packaging/compile_forms.py

printf '%s' "$digest" > "$stamp"
