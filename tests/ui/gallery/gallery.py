#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the gallery program: pictures of every scene, or checks of every scene.

  gallery.py GALLERY shots DIR [--dark] [--only NAME...]   DIR/NAME.png
  gallery.py GALLERY check [--only NAME...]                each scene opens, warns of nothing, and
                                                           every control has a name for a screen reader
Needs a display and a session bus (tests/ui/with-session.sh gives both)."""
import argparse
import os
import re
import subprocess
import sys
import threading

NAMED_ROLES = ("push button", "toggle button", "button", "text", "entry", "password text", "check box",
               "radio button", "switch", "combo box", "menu item", "list item", "link", "slider", "table cell")
TYPE_NAME = re.compile(r"^(Gtk|Adw|Ui)[A-Z]\w+$")
# Parts inside of GTK's and libadwaita's own widgets that these leave without a name (4.8, 1.2): the close
# button of a search bar, the windows for shortcuts and credits, the closed list of a combo row, the search
# of a preferences window.
NOT_OURS = (
    re.compile(r"^push button\tpanel: < filler:AdwGizmo"),
    re.compile(r"frame:(GtkShortcutsWindow|Shortcuts)"),
    re.compile(r"frame:About"),
    re.compile(r"^list item\t.*list:GtkListView.*combo box:"),
    re.compile(r"^entry\t.*frame:Preferences"),
)


class Gallery:
    def __init__(self, program, env=None):
        self.process = subprocess.Popen([program, "--drive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1,
                                        env={**os.environ, **(env or {})})
        self.complaints = []
        self.scene = "start"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stderr:
            if line.strip():
                self.complaints.append((self.scene, line.rstrip()))

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        answer = self.process.stdout.readline().strip()
        if answer != "ready":
            raise SystemExit(f"{command}: {answer or 'the gallery died'}\n" +
                             "\n".join(line for _, line in self.complaints))

    def open(self, scene):
        self.scene = scene
        self.ask("open " + scene)

    def quit(self):
        self.ask("quit")
        return self.process.wait(timeout=20)


def walk(node, depth=0):
    """Yields every node below, with patience for those that go away."""
    from gi.repository import GLib
    yield node
    if depth > 60:
        return
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(count):
        try:
            child = node.get_child_at_index(index)
        except GLib.Error:
            continue
        if child is not None:
            yield from walk(child, depth + 1)


def controls(pid):
    """Yields (role, name, path) of every control of the process on the accessibility bus that can be used."""
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is None or application.get_process_id() != pid:
            continue
        for node in walk(application):
            try:
                role = node.get_role_name()
                if role not in NAMED_ROLES:
                    continue
                name = (node.get_name() or "").strip()
                if TYPE_NAME.match(name):  # what GTK says where nobody gave a name
                    name = ""
                parent = node.get_parent()
                chain = []
                while parent is not None and len(chain) < 40:
                    chain.append(f"{parent.get_role_name()}:{(parent.get_name() or '')[:24]}")
                    parent = parent.get_parent()
                yield role, name, " < ".join(chain)
            except GLib.Error:
                continue


def check(arguments, names):
    gallery = Gallery(arguments.gallery, {"GTK_A11Y": "atspi"})
    unnamed, counted = [], 0
    for name in names:
        gallery.open(name)
        # A process of its own for each walk: the library caches, and dies of what went away.
        walker = subprocess.run([sys.executable, __file__, str(gallery.process.pid), "walk"], text=True,
                                capture_output=True, timeout=60, check=True)
        for line in walker.stdout.splitlines():
            role, label, chain = line.split("\t")
            counted += 1
            if not label and not any(part.search(f"{role}\t{chain}") for part in NOT_OURS):
                unnamed.append(f"{name}: a {role} without a name: {chain}")
    status = gallery.quit()
    for complaint in unnamed:
        print(complaint)
    for scene, line in gallery.complaints:
        print(f"{scene}: {line}")
    print(f"{len(names)} scenes, {counted} controls, {len(unnamed)} without a name, "
          f"{len(gallery.complaints)} complaints, exit {status}")
    enough = counted >= 4 * len(names)
    return 0 if not unnamed and not gallery.complaints and status == 0 and enough else 1


def print_controls(arguments, _names):
    for role, label, chain in controls(int(arguments.gallery)):
        print(role, label.replace("\n", " "), chain.replace("\n", " "), sep="\t")
    return 0


def shots(arguments, names):
    os.makedirs(arguments.directory, exist_ok=True)
    gallery = Gallery(arguments.gallery)
    gallery.ask("dark" if arguments.dark else "light")
    for name in names:
        gallery.open(name)
        gallery.ask(f"shot {os.path.join(arguments.directory, name)}.png")
    gallery.quit()
    for scene, line in gallery.complaints:
        print(f"{scene}: {line}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gallery")
    parser.add_argument("job", choices=("shots", "check", "walk"))
    parser.add_argument("directory", nargs="?", default="shots")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    if arguments.job == "walk":
        sys.exit(print_controls(arguments, []))
    names = subprocess.run([arguments.gallery, "--list"], capture_output=True, text=True,
                           check=True).stdout.split()
    if arguments.only:
        names = [name for name in names if name in arguments.only]
    sys.exit({"shots": shots, "check": check}[arguments.job](arguments, names))


if __name__ == "__main__":
    main()
