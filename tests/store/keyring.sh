#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs test-secret ($1) without a bus, with a bus and no keyring, with a keyring that has no collection to put
# things into, and with an open one. 77 = skipped.
set -eu
test=$1
command -v dbus-run-session >/dev/null && command -v gnome-keyring-daemon >/dev/null || exit 77
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME="$home" XDG_DATA_HOME="$home/data" XDG_RUNTIME_DIR="$home/run" XDG_CACHE_HOME="$home/cache"
mkdir -p "$XDG_DATA_HOME/keyrings" "$XDG_CACHE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

echo "# no bus"
"$test"
echo "# a bus, no keyring"
timeout 60 dbus-run-session -- "$test"
echo "# a keyring without a collection"
timeout 60 dbus-run-session -- sh -c 'gnome-keyring-daemon --foreground --components=secrets >/dev/null 2>&1 & pid=$!
  sleep 1; "$1" put-only-file; status=$?; kill $pid; wait $pid 2>/dev/null; exit $status' sh "$test"
echo "# an open keyring"
timeout 60 dbus-run-session -- sh -c 'printf secret | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1 & pid=$!
  sleep 1; "$1" open; status=$?; kill $pid; wait $pid 2>/dev/null; exit $status' sh "$test"
