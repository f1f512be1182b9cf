#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds every bound of core to a test and to docs/bounds.md.

Each *_MAX of core/*/params.h must be named by a test case and by docs/bounds.md.
usage: bounds.py [--write]    --write makes docs/bounds.md anew
It also sees to it that secrets are compared and wiped by OpenSSL alone: no memcmp over what the sources call an HMAC, a
digest, a secret, a signature or a checksum; CRYPTO_memcmp and OPENSSL_cleanse stand behind one function each."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs/bounds.md"
DEFINE = re.compile(r"^#define ([A-Z0-9_]+_MAX)\b((?:[^\n]*\\\n)*[^\n]*)$", re.M)
FUNCTION = re.compile(r"^(\w+) \([^;{}]*\) \{$", re.M)

# What only our own configuration fills; nobody else can reach it.
OURS = {
    "AHOY_AGENT_LOCAL_ADDRESSES_MAX", "AHOY_AGENT_SERVER_ADDRESSES_MAX", "AHOY_APPS_MAX", "AHOY_RELAY_SECRET_BYTES_MAX",
    "AHOY_SERVER_HOSTS_MAX", "RTMFP_CAPTURE_EVENTS_MAX",
}
# Bounds without a test of their own, and why.
UNTESTED = {
    "AHOY_AGENT_FAR_ADDRESSES_MAX": "an array is filled so far and no further",
    "AHOY_DELIVER_BYTES_MAX": "how much is read from the store at once",
    "AHOY_FORWARDS_TOLD_MAX": "an array is walked so far and no further",
    "RTMFP_PATH_MTU_ANSWER_US_MAX": "how long a probe is waited for at most",
    **{f"RTMFP_{name}_MAX": "a measure of the algorithm (docs/decisions/0012), nobody fills it"
       for name in ("QUEUE_TARGET_US", "SLOW_START_QUEUE_US", "DRAIN_FAILURES", "LOOKS_SKIPPED", "CLEAR_STEP")},
    "RTMFP_SEND_BUFFER_BYTES_MAX": "what our own user may queue grows with the window up to this",
    "AHOY_GUESTS_MAX": "as AHOY_GUESTS_PER_IP_MAX, at two thousand sessions",
}
SECRET = re.compile(r"\bmemcmp \([^;]*\b\w*(?:hmac|digest|secret|private|signature|checksum)\w*\b", re.I)


def files_of(*patterns):
    return subprocess.check_output(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
                                   cwd=ROOT, text=True).split()


def bounds_of():
    """(room, name, value, what it is) in the order of the headers."""
    for path in files_of("core/*/params.h"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for match in DEFINE.finditer(text):
            rest = match[2].replace("\\\n", " ")
            said = re.search(r"/\*(.*?)\*/", rest + text[match.end():][:0] if "*/" in rest else
                             rest + text[match.end():].split("#define", 1)[0] if "/*" in rest else "", re.S)
            before = text[:match.start()].rstrip()
            if said is None and before.endswith("*/"):
                said = re.search(r"/\*((?:(?!/\*).)*)\*/$", before, re.S)
            value = re.sub(r"/\*.*", "", rest, flags=re.S).strip()
            what = re.sub(r"\s*\n\s*\*?\s*", " ", said[1]).strip() if said else ""
            yield path.split("/")[1], match[1], " ".join(value.split()), what


def case_of(text, function):
    """The path under which a test function is registered."""
    found = re.search(r'"([^"\s]+)",[^;"]*\b%s\b' % function, text)
    if not found:
        return function
    if found[1].startswith("/"):
        return found[1]
    prefix = re.search(r'g_test_add(?:_func)? \("(/[^"]*/)" ', text)
    return (prefix[1] if prefix else "") + found[1]


def tests_by_bound(names):
    found = {}
    for path in files_of("tests/**/*.c"):
        if path.startswith("tests/fuzz/") or path.endswith("memory-store.c"):
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        for name in names:
            for use in re.finditer(r"\b%s\b" % name, text):
                functions = FUNCTION.findall(text[:use.start()])
                case = case_of(text, functions[-1]) if functions else path
                rank = 0 if case.startswith("/") else 1
                if name not in found or rank < found[name][0]:
                    found[name] = (rank, f"`{case}`" if rank == 0 else f"`{case}` in {path}")
    return {name: case for name, (_, case) in found.items()}


def page_of(bounds, tests):
    lines = ["# Bounds", "",
             "What others can fill has a bound, and what a bound is reached in a test. This page is made by `.ci/checks/bounds.py --write`",
             "from core/*/params.h and the tests; CI fails where a bound has no test, or does not stand here.", "", "| room | bound | value | what | test |",
             "|---|---|---|---|---|"]
    for room, name, value, what in bounds:
        test = "of our own configuration" if name in OURS else "none: " + UNTESTED[name] if name in UNTESTED else tests.get(name, "")
        lines.append(f"| {room} | {name} | `{value}` | {what.replace('|', '/')} | {test} |")
    return "\n".join(lines) + "\n"


def problems_with_secrets():
    for path in files_of("core/**/*.c", "app/**/*.c"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for match in SECRET.finditer(text):
            yield f"{path}: {match[0]}: rtmfp_secret_equal takes the same time whatever differs"
        for call in ("CRYPTO_memcmp", "OPENSSL_cleanse"):
            if call in text and not path.endswith("/primitives.c"):
                yield f"{path}: {call} stands behind one function of a primitives.c"


def main():
    bounds = list(bounds_of())
    names = [name for _, name, _, _ in bounds]
    tests = tests_by_bound(names)
    page = page_of(bounds, tests)
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    problems = [f"{name} of core/{room}/params.h: no test names it" for room, name, _, _ in bounds
                if name not in tests and name not in OURS and name not in UNTESTED]
    problems += [f"{name}: it has a test now, or is no more; .ci/checks/bounds.py need not excuse it"
                 for name in [*OURS, *UNTESTED] if name in tests or name not in names]
    listed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    problems += [f"docs/bounds.md does not list {name}: .ci/checks/bounds.py --write" for name in names
                 if f"| {name} |" not in listed]
    problems += problems_with_secrets()
    for problem in problems:
        print(problem)
    print(f"bounds: {len(names)} bounds, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
