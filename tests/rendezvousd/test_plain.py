#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain RTMFP clients of ahoyd over real sockets: they connect, call, publish, play, and meet.

test_plain.py AHOYD NET_PEER"""
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

AHOYD, NET_PEER = sys.argv.pop(1), sys.argv.pop(1)


class Peer:
    """A net-peer that runs; its lines come one by one."""

    def __init__(self, url, *arguments):
        self.process = subprocess.Popen([NET_PEER, *arguments, url], stdout=subprocess.PIPE, text=True)
        self.lines = []

    def until(self, pattern):
        """Reads on to a line that matches; what matched."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            found = re.match(pattern, line)
            if found:
                return found
        raise AssertionError(f"no {pattern} in {self.lines}")

    def end(self):
        self.lines += self.process.stdout.read().splitlines()
        return self.process.wait(timeout=30)

    def videos(self, kind="stream"):
        return [line.split() for line in self.lines if line.startswith(f"media {kind} video")]


class PlainClients(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ahoyd-plain-")
        self.processes = []

    def serve(self, *arguments):
        server = subprocess.Popen(
            [AHOYD, "--data", self.folder, "--host", "localhost", "--port", "0", "--plain-port", "0",
             "--address", "127.0.0.1", *arguments], stderr=subprocess.PIPE, text=True)
        self.processes.append(server)
        self.server = server
        for line in server.stderr:
            found = re.search(r"plain RTMFP clients on UDP port (\d+)", line)
            if found:
                self.url = f"rtmfp://127.0.0.1:{found.group(1)}/live"
                return
        self.fail("ahoyd does not serve")

    def peer(self, *arguments, app=""):
        peer = Peer(self.url + app, *arguments)
        self.processes.append(peer.process)
        return peer

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.folder)

    def serve_two(self, *arguments):
        """A publisher at the second server; .url is the first, which sends clients there."""
        self.serve()
        second, folder = self.url, self.folder
        self.addCleanup(shutil.rmtree, folder)
        publisher = self.peer("--publish", "show", "--frames", "400")
        publisher.until(r"status status NetStream.Publish.Start")
        self.folder = tempfile.mkdtemp(prefix="ahoyd-plain-")
        self.serve("--plain-send-to", re.search(r"([\d.]+:\d+)/", second).group(1), *arguments)

    def test_sent_elsewhere(self):
        self.serve_two()
        player = self.peer("--play", "show", "--frames", "30")
        self.assertEqual(player.end(), 0)
        self.assertGreaterEqual(len(player.videos()), 30)

    def test_sent_elsewhere_when_full(self):
        self.serve_two("--send-from", "1")
        first = self.peer("--play", "show")
        first.until("connected")
        player = self.peer("--play", "show", "--frames", "30")
        self.assertEqual(player.end(), 0)
        first.process.kill()
        first.end()
        self.assertEqual(len(first.videos()), 0, "the first stays where nobody publishes")

    def test_connect_and_call(self):
        self.serve("--plain-keepalive", "7")
        peer = self.peer("--call", "broadcast", "--arg", "hello")
        name = peer.until(r"fingerprint (\w+)").group(1)
        peer.until(f"connected .*connectionID={name}")
        peer.until(r"keepalive 7 s, peers 7 s")
        peer.until(f'call onRelay sender={name} "hello"')
        self.assertEqual(peer.end(), 0)
        other = self.peer(app="x")
        other.until(r"refused NetConnection.Connect.InvalidApp")
        other.until(r"session closed")
        asker = self.peer("--call", "nothing")
        asker.until(r"error NetConnection.Call.Failed")

    def test_one_publishes_two_play(self):
        self.serve()
        early = self.peer("--play", "show", "--frames", "60")
        early.until(r"status status NetStream.Play.Start")
        publisher = self.peer("--publish", "show", "--frames", "100")
        publisher.until(r"status status NetStream.Publish.Start")
        for _ in range(30):
            early.until(r"media stream video")
        late = self.peer("--play", "show", "--frames", "30")
        late.until(r"media stream video 0 9 1700")
        for peer in (early, late, publisher):
            self.assertEqual(peer.end(), 0)
        self.assertEqual(early.videos()[0][3:], ["0", "9", "1700"])
        self.assertEqual([video[5] for video in late.videos()[:3]], ["1700", "1701", "2701"])
        self.assertTrue(any(line.startswith("media stream data") for line in late.lines))
        times = [int(video[3]) for video in late.videos()[1:]]
        self.assertEqual(times, list(range(times[0], times[-1] + 1, 20)), "none is missing")

    def test_introduction(self):
        self.serve()
        offer = self.peer("--offer", "cam", "--frames", "50", "--tell-addresses")
        name = offer.until(r"fingerprint (\w+)").group(1)
        offer.until(r"connected")
        outside = self.peer("--meet", name, "--play", "cam", "--seconds", "3", app="/elsewhere")
        inside = self.peer("--meet", name, "--play", "cam", "--frames", "50")
        inside.until(r"direct stream started")
        self.assertEqual(inside.end(), 0)
        self.assertEqual(offer.end(), 0)
        self.assertEqual(len(inside.videos("direct")), 50)
        self.assertNotEqual(outside.end(), 0)
        self.assertFalse([line for line in outside.lines if line.startswith("met")])

    def test_old_clients(self):
        """Static keys in the 1,024 bit group, a checksum instead of HMAC."""
        old = ("--groups", "1", "--static-keys", "--weak")
        self.serve()
        publisher = self.peer("--publish", "show", "--frames", "80", *old)
        publisher.until(r"status status NetStream.Publish.Start")
        player = self.peer("--play", "show", "--frames", "30", *old)
        self.assertEqual(player.end(), 0)
        self.assertEqual(publisher.end(), 0)

    def test_old_clients_may_be_refused(self):
        self.serve("--plain-require-hmac")
        old = self.peer("--weak", "--seconds", "2")
        self.assertEqual(old.end(), 0)
        self.assertIn("out of time", old.lines)
        self.assertEqual(self.peer().end(), 0)

    def test_stop(self):
        self.serve()
        peer = self.peer("--play", "show")
        peer.until(r"status status NetStream.Play.Start")
        self.server.send_signal(signal.SIGTERM)
        peer.until(r"session closed")
        self.assertEqual(self.server.wait(timeout=10), 0)


if __name__ == "__main__":
    unittest.main()
