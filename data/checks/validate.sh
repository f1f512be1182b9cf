#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# validate.sh DESKTOP METAINFO SOURCE-DIR BINARY-DIR: what the desktop reads is what its tools call valid.
set -eu
desktop=$1 metainfo=$2 source=$3 binary=$4
desktop-file-validate "$desktop"
appstreamcli validate --no-net --explain "$metainfo"
glib-compile-schemas --strict --dry-run "$source"
for icon in "$source"/icons/hicolor/*/apps/*.svg; do
  /usr/bin/python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$icon"
done
grep -q '^Name\[de\]=\|^Comment\[de\]=' "$desktop"
grep -q 'xml:lang="de"' "$metainfo"
if command -v systemd-analyze >/dev/null; then
  # The program need not be installed yet, so only the unit's own lines are judged.
  unit=$(mktemp -d)
  trap 'rm -rf "$unit"' EXIT
  sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$binary/ahoyd.service" >"$unit/ahoyd.service"
  mkdir -m 700 "$unit/run"
  complaints=$(XDG_RUNTIME_DIR="$unit/run" systemd-analyze verify --man=no "$unit/ahoyd.service" 2>&1 | grep ahoyd.service || true)
  [ -z "$complaints" ] || { echo "$complaints"; exit 1; }
fi
