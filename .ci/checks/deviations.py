#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds docs/protocol.md to the tree.

Each `Deviation:` comment of the sources must be listed: under "Deviations" its file must be named at least as often
as it holds such comments. Each test that the page names must exist, and so must each source it names."""
import pathlib
import re
import subprocess
import sys

PAGE = "docs/protocol.md"
TEST = re.compile(r"`(/[a-z0-9-]+(?:/[a-z0-9-]+)*(?:/\*)?)`")
LITERAL = re.compile(r'"((?:/?[\w^.-]+)(?:/[\w^.-]+)*)"')
PREFIX = re.compile(r'g_test_add_func \("(/[^"]*/)" path')
SOURCE = re.compile(r"\b((?:core|app|ui)/[\w/-]+\.[ch])\b")


def tests_of(root: pathlib.Path, files) -> set:
    names = set()
    for path in files:
        text = (root / path).read_text(encoding="utf-8")
        literals = set(LITERAL.findall(text))
        names |= {name for name in literals if name.startswith("/")}
        for prefix in PREFIX.findall(text):
            names |= {prefix + name for name in literals}
    return names


def main() -> int:
    root = pathlib.Path(subprocess.check_output(
        ["git", "rev-parse", "--show-toplevel"], cwd=pathlib.Path(__file__).parent, text=True).strip())
    files = [path for path in subprocess.check_output(
        ["git", "ls-files", "*.c", "*.h"], cwd=root, text=True).split() if (root / path).exists()]
    page = (root / PAGE).read_text(encoding="utf-8")
    listed = page.split("\n## Deviations", 1)[-1].split("\n## ", 1)[0]
    problems, marks = [], 0
    for path in files:
        if path.startswith("tests/"):
            continue
        count = (root / path).read_text(encoding="utf-8").count("Deviation:")
        marks += count
        if count > listed.count(path):
            problems.append(f"{path}: {count} deviations, {listed.count(path)} listed in {PAGE}")
    names = tests_of(root, [path for path in files if path.startswith("tests/")])
    named = set(TEST.findall(page))
    for test in sorted(named):
        stem = test[:-1] if test.endswith("/*") else None
        if test not in names and not (stem and any(name.startswith(stem) for name in names)):
            problems.append(f"{PAGE}: there is no test {test}")
    problems += [f"{PAGE}: there is no {path}" for path in set(SOURCE.findall(page)) if path not in files]
    for problem in problems:
        print(problem)
    print(f"deviations: {marks} marks, {len(named)} tests named, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
