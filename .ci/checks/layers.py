#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the tree to its table of who may include whom (docs/decisions/0001-the-house.md).

Reads every .c and .h that git knows; prints each include that the table does not allow, and ends with 1 if
there is one. A room that the table does not name is an error too, so that a new folder has to be placed."""
import pathlib
import re
import subprocess
import sys

ENGINE = ["base", "wire", "crypto", "congestion", "flow", "session", "endpoint"]
CORE = {
    "base": [],
    "wire": ["base"],
    "crypto": ["base", "wire"],
    "congestion": ["base"],
    "flow": ["base", "wire"],
    "session": ["base", "wire", "crypto", "congestion", "flow"],
    "endpoint": ["base", "wire", "crypto", "congestion", "flow", "session"],
    "amf": ["base"],
    "rtmp": ["base", "wire", "amf"],
    "net": ["base", "amf", "rtmp", "endpoint"],
    "account": ["base", "crypto", "amf"],
    "call": ["base", "amf"],
    "chat": ["base", "amf", "account"],
    "rendezvous": ENGINE + ["amf", "rtmp", "net", "account", "call", "chat"],
    "media-server": ENGINE + ["amf", "rtmp", "net"],
    "agent": ENGINE + ["amf", "rtmp", "net", "account", "call", "chat"],
}
MAY = {f"core/{room}": {f"core/{other}" for other in others} for room, others in CORE.items()}
ALL_CORE = set(MAY)
ADAPTERS = ["io", "nat", "media", "store", "bus"]
for room in ADAPTERS:  # siblings: none includes another
    MAY[f"app/{room}"] = set(ALL_CORE)
ALL_ADAPTERS = {f"app/{room}" for room in ADAPTERS}
MAY["app/client"] = ALL_CORE | ALL_ADAPTERS | {"ui/model"}
MAY["app/cli"] = ALL_CORE | ALL_ADAPTERS | {"app/client", "ui/model"}
MAY["app/rendezvousd"] = ALL_CORE | {"app/io", "app/store", "app/bus"}
MAY["app/ctl"] = {"core/base"}
MAY["ui/model"] = set()
MAY["ui/video"] = {"ui/model"}  # the slot in which a frame waits
MAY["ui/widgets"] = {"ui/model", "ui/video"}
MAY["ui/dialogs"] = {"ui/model", "ui/video", "ui/widgets"}
MAY["ui/pages"] = {"ui/model", "ui/video", "ui/widgets", "ui/dialogs"}
MAY["ui/shell"] = {"ui/model", "ui/video", "ui/widgets", "ui/dialogs", "ui/pages"}
ALL_UI = {room for room in MAY if room.startswith("ui/")}
MAY["app/desktop"] = ALL_CORE | ALL_ADAPTERS | {"app/client"} | ALL_UI
ANYTHING = ("tests/", "bench/", "examples/")

# What the deterministic half of the house never sees.
FORBIDDEN_IN_CORE = re.compile(
    r"^(glib|gio|gtk|adwaita|gst/|nice|sqlite3|pthread|threads\.h|time\.h|sys/(socket|time|epoll|stat|mman)|"
    r"netinet|arpa|unistd|fcntl|signal|poll\.h|errno\.h)")
FORBIDDEN_IN_MODEL = re.compile(r"^(gtk|adwaita|gdk|gst/|nice|sqlite3)")
GTK = re.compile(r"^(gtk|adwaita|gdk)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def problems_of(path: str, line: int, kind: str, target: str):
    room = room_of(path)
    where = f"{path}:{line}"
    if kind == "<" or "/" not in target:
        if room.startswith("core/") and FORBIDDEN_IN_CORE.match(target):
            yield f"{where}: core knows no {target}"
        if room == "ui/model" and FORBIDDEN_IN_MODEL.match(target):
            yield f"{where}: ui/model knows only GLib and GIO, not {target}"
        if room.startswith("app/") and room != "app/desktop" and GTK.match(target):
            yield f"{where}: only app/desktop and ui know GTK, not {room}"
        return
    top = target.split("/")[0]
    if top not in ("core", "app", "ui", "tests", "bench"):
        return
    other = room_of(target)
    if other != room and other not in MAY[room]:
        yield f"{where}: {room} may not include {other}"


def main() -> int:
    root = pathlib.Path(subprocess.check_output(
        ["git", "rev-parse", "--show-toplevel"], cwd=pathlib.Path(__file__).parent, text=True).strip())
    files = subprocess.check_output(["git", "ls-files", "*.c", "*.h"], cwd=root, text=True).split()
    found = []
    for path in files:
        if path.startswith(ANYTHING) or not (root / path).exists():
            continue
        if room_of(path) not in MAY:
            found.append(f"{path}: the folder stands in no row of the table")
            continue
        for number, text in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(text)
            if match:
                found.extend(problems_of(path, number, match.group(1), match.group(2)))
    for problem in found:
        print(problem)
    print(f"layers: {len(files)} files, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
