#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pictures.sh BUILD-DIR: the pictures of docs/pictures, taken of the gallery with made-up people.
set -eu
build=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
out=$here/../../docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GSETTINGS_SCHEMA_DIR="$build/schemas"
shoot() { "$here/with-session.sh" /usr/bin/python3 "$here/gallery/gallery.py" "$build/tests/ui/gallery" shots "$@" 2>/dev/null; }
shoot "$work/light" --only welcome conversation call-video call-incoming
shoot "$work/dark" --dark --only conversation
mkdir -p "$out"
take() { convert "$work/$1.png" -shave 5x5 -strip -define png:compression-level=9 "$out/$2.png"; }
take light/welcome welcome
take light/conversation conversation
take dark/conversation conversation-dark
take light/call-video call
take light/call-incoming incoming
ls -l "$out"
