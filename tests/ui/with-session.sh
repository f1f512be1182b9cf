#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a command with a home, a runtime folder, a session bus and a virtual screen of its own.
set -eu
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/config" XDG_CACHE_HOME="$home/cache" XDG_DATA_HOME="$home/data"
mkdir -m 700 "$XDG_RUNTIME_DIR"
mkdir -p "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME"
export GDK_BACKEND=x11 GSK_RENDERER="${GSK_RENDERER:-cairo}" GDK_DEBUG="${GDK_DEBUG:-gl-disable}"
export GSETTINGS_BACKEND=memory NO_AT_BRIDGE=0 LC_ALL="${LC_ALL:-C.UTF-8}"
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
xvfb-run -a -s '-screen 0 1280x900x24 -nolisten tcp' dbus-run-session -- \
  timeout -k 5 "${SESSION_TIMEOUT:-240}" "$@"
