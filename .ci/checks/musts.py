#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds docs/musts.md to tests/sim/mutants: each mutant that the page names exists, and each that exists names its test."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROOMS = ("wire", "crypto", "cookie", "congestion", "flow", "session", "endpoint", "rtmp", "net",
         "media-server")


def main():
    patches = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests/sim/mutants").glob("*.patch")}
    page = (ROOT / "docs/musts.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/-])(?:%s)(?:-[a-z0-9]+)+(?![\w/-])" % "|".join(ROOMS), page))
    problems = [f"docs/musts.md: there is no mutant {name}" for name in sorted(named - patches.keys())]
    problems += [f"{name}: it names no test that notices (tests/sim/run-mutants --find)"
                 for name, text in sorted(patches.items()) if not re.search(r"^by: \S", text, re.M)]
    for problem in problems:
        print(problem)
    print(f"musts: {len(patches)} mutants, {len(named)} in the page, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
