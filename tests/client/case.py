# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of people with an ahoy-cli share: a town a test, clips as cameras and microphones. The calling program's
arguments are PREFIX MAKE_CLIP [TEST...]; with AHOY_KEEP=FOLDER each test's files are kept there."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from people import Town

PREFIX, MAKE_CLIP = sys.argv.pop(1), sys.argv.pop(1)
BIN = os.path.join(PREFIX, "bin")
TONES = {"ann": (1, 440), "bob": (2, 660), "cid": (3, 880)}
CLIPS = {}
AT_ONCE = 3


def main():
    """Makes the clips, runs the calling program's tests (most of them wait most of their time, so a few at once), and ends
    with 0 if all went well."""
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    found = loader.loadTestsFromNames(sys.argv[1:], module) if sys.argv[1:] else loader.loadTestsFromModule(module)
    with tempfile.TemporaryDirectory(prefix="ahoy-clips-") as folder:
        make_clips(folder)
        tests = list(flat(found))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            good = list(pool.map(run, [test for test in tests if not is_exact(test)]))
        good += [run(test) for test in tests if is_exact(test)]
    print(f"{sum(good)} of {len(good)} tests passed")
    sys.exit(0 if good and all(good) else 1)


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def is_exact(test):
    """Its figures need the machine for itself."""
    return getattr(getattr(test, test.id().rsplit(".", 1)[1]), "exact", False)


def exact(function):
    function.exact = True
    return function


def run(test):
    result, start = unittest.TestResult(), time.monotonic()
    test.run(result)
    wrong = result.errors + result.failures
    word = "FAIL" if wrong else "skip" if result.skipped else "ok"
    print(f"{word:5} {test.id().replace('__main__.', ''):60} {time.monotonic() - start:6.1f} s", flush=True)
    for _, text in wrong + result.skipped:
        print(text, flush=True)
    return not wrong


def make_clips(folder):
    for name, (camera, hertz) in TONES.items():
        CLIPS[name] = os.path.join(folder, name + ".webm")
        subprocess.run([MAKE_CLIP, CLIPS[name], "20", str(camera), str(hertz)], check=True, timeout=120)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ahoy-call-")
        self.town = Town(BIN, self.folder)

    def tearDown(self):
        self.town.close()
        kept = os.environ.get("AHOY_KEEP")
        if kept:
            shutil.copytree(self.folder, os.path.join(kept, self.id()), dirs_exist_ok=True, symlinks=True,
                            ignore=shutil.ignore_patterns("control"))
        shutil.rmtree(self.folder)

    def devices(self, name):
        return ["--camera", "file:" + CLIPS[name], "--microphone", "file:" + CLIPS[name],
                "--record", os.path.join(self.folder, name + "-heard.webm")]

    def enter(self, name, *options):
        return self.town.enter(name, *self.devices(name), *options)

    def friends(self, *options):
        ann, bob = self.enter("ann", *options), self.enter("bob", *options)
        self.town.befriend(ann, bob)
        return ann, bob

    def media_flows(self, *people, since=None, seconds=3):
        """Each of them plays sound and shows pictures, now and for so many figures more."""
        for person in people:
            place = person.mark() if since is None else since
            first = person.wait("figures", since=place)
            person.wait("figures", since=place, audioPlayed=lambda n, f=first: n >= f["audioPlayed"] + 40 * seconds,
                        videoShown=lambda n, f=first: n >= f["videoShown"] + 10 * seconds)

    def sends(self, sender, recipient, text, until="delivered"):
        place, far = sender.mark(), recipient.mark()
        sender.do("send", recipient.address, text)
        sender.wait("message", since=place, outgoing=True, text=text, state=until)
        if until == "delivered":
            recipient.wait("message", since=far, outgoing=False, text=text)
