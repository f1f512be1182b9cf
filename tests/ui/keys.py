#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""keys.py GALLERY: writes and sends a message, and runs a call, by keyboard alone (xdotool), and reads the
outcome from the accessibility bus."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gallery"))
import gallery as driver  # noqa: E402


def press(*keys):
    for key in keys:
        subprocess.run(["xdotool", *key.split(" ", 1)] if " " in key else ["xdotool", "key", key], check=True,
                       stderr=subprocess.DEVNULL)
        time.sleep(0.08)


def focus(title):
    subprocess.run(["xdotool", "search", "--sync", "--name", title, "windowfocus", "--sync"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)


def names(pid):
    walker = subprocess.run([sys.executable, driver.__file__, str(pid), "walk"], text=True, capture_output=True,
                            timeout=60, check=True)
    return [line.split("\t")[1] for line in walker.stdout.splitlines()]


def expect(pid, part, what):
    for _ in range(20):
        if any(part in name for name in names(pid)):
            print("ok", what)
            return
        time.sleep(0.2)
    raise SystemExit(f"{what}: nothing says “{part}”")


def expect_gone(title, what):
    for _ in range(20):
        if subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0:
            print("ok", what)
            return
        time.sleep(0.2)
    raise SystemExit(f"{what}: the window “{title}” is still there")


def main():
    program = driver.Gallery(sys.argv[1])
    pid = program.process.pid

    program.open("conversation")
    focus("Ahoy")
    press("type first", "shift+Return", "type second")
    assert not any("You, first" in name for name in names(pid)), "Shift+Enter must not send"
    press("Return")
    expect(pid, "You, first second", "Enter sends, Shift+Enter breaks")
    press("Tab")
    press("alt+Down", "type to the next person", "Return")
    expect(pid, "You, to the next person", "Alt+Down opens the next person")

    program.open("call-incoming")
    focus("Call with Ada")
    press("Return")  # must do no more than silence: an answered call could not be accepted again
    press("ctrl+shift+v")
    expect(pid, "Turn Camera On", "Ctrl+Shift+V accepts without video")
    press("ctrl+d")
    expect(pid, "Unmute", "Ctrl+D mutes")
    press("ctrl+h")
    expect_gone("Call with Ada", "Ctrl+H hangs up, and the window goes")

    program.open("people")
    focus("Ahoy")
    press("ctrl+n")
    expect(pid, "Address or Invite Link", "Ctrl+N opens the add dialog")
    press("type zoe@example.com", "Return")
    expect(pid, "zoe, Has not answered yet", "Enter in the dialog asks the person")

    status = program.quit()
    for scene, line in program.complaints:
        print(f"{scene}: {line}")
    sys.exit(1 if status != 0 or program.complaints else 0)


if __name__ == "__main__":
    main()
