#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ahoyd and ahoyctl as programs: they start, answer, refuse with one sentence, and stop in order.

test_ahoyd.py AHOYD AHOYCTL"""
import base64
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

AHOYD, AHOYCTL = sys.argv.pop(1), sys.argv.pop(1)


class Server:
    """A running ahoyd; .link and .port tell where."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.process = subprocess.Popen(
            [AHOYD, "--data", folder, "--host", "localhost", "--port", "0", "--print-address", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.link = self.process.stdout.readline().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=10)
        return err


def ctl(folder, *arguments):
    return subprocess.run([AHOYCTL, "--data", folder, *arguments], capture_output=True, text=True, timeout=20)


def refused(*arguments):
    """What an ahoyd that cannot serve says: one line."""
    done = subprocess.run([AHOYD, *arguments], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1, done
    assert done.stdout == "" and done.stderr.count("\n") == 1 and done.stderr.startswith("ahoyd: "), done
    return done.stderr


class Ahoyd(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="ahoyd-")
        self.folder = os.path.join(self.top, "data")
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            if server.process.poll() is None:
                server.process.kill()
            server.process.communicate()
        shutil.rmtree(self.top)

    def start(self, *arguments):
        server = Server(self.folder, *arguments)
        self.servers.append(server)
        return server

    def test_starts_answers_and_stops(self):
        server = self.start()
        self.assertRegex(server.link, r"^ahoy:localhost:\d+\?s=[\w-]{43}$")
        self.assertEqual(os.stat(self.folder).st_mode & 0o777, 0o700)
        for name in ("server.key", "server.db", "control"):
            self.assertEqual(os.stat(os.path.join(self.folder, name)).st_mode & 0o177, 0, name)
        self.assertEqual(ctl(self.folder, "address").stdout.strip(), server.link)
        self.assertEqual(json.loads(ctl(self.folder, "--json", "list").stdout), {"ok": True, "accounts": []})
        counters = json.loads(ctl(self.folder, "--json", "counters").stdout)["counters"]
        self.assertEqual(counters["sessions"], 0)
        self.assertIn("NAME", ctl(self.folder, "who").stdout)
        self.assertIn("stopped", server.stop())
        self.assertEqual(server.process.returncode, 0)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "control")))

    def test_keeps_its_key(self):
        first = self.start()
        first.stop()
        second = self.start()
        self.assertEqual(first.link.split("?")[1], second.link.split("?")[1])

    def test_invites(self):
        server = self.start()
        link = ctl(self.folder, "invite").stdout.strip()
        self.assertRegex(link, r"^ahoy:localhost:\d+\?t=[\w-]{22}&s=[\w-]{43}$")
        self.assertEqual(link.split("s=")[1], server.link.split("s=")[1])
        self.assertNotEqual(ctl(self.folder, "add", "ann").stdout.strip(), link)

    def test_refuses_in_one_sentence(self):
        self.start()
        for arguments, status in ((("disable", "zoe"), 1), (("enable", "zoe"), 1), (("add", "Not a name"), 1),
                                  (("add",), 1), (("dance",), 1)):
            done = ctl(self.folder, *arguments)
            self.assertEqual(done.returncode, status, arguments)
            self.assertEqual(done.stderr.count("\n"), 1, arguments)
        self.assertEqual(ctl(self.folder).returncode, 2)
        self.assertIn("no ahoyd", ctl(self.top, "list").stderr.lower())

    def test_a_slow_reader_holds_nobody_up(self):
        server, asked = self.start(), 2000
        with socket.socket(socket.AF_UNIX) as slow:
            slow.settimeout(20)
            slow.connect(os.path.join(self.folder, "control"))
            slow.sendall(b'{"command": "counters"}\n' * asked)  # more answers than a socket holds
            self.assertEqual(ctl(self.folder, "address").stdout.strip(), server.link)
            with slow.makefile() as answers:
                for _ in range(asked):
                    self.assertTrue(json.loads(answers.readline())["ok"])

    def test_a_reader_that_leaves(self):
        server = self.start()
        with socket.socket(socket.AF_UNIX) as gone:
            gone.connect(os.path.join(self.folder, "control"))
            gone.sendall(b'{"command": "counters"}\n' * 2000)
        self.assertEqual(ctl(self.folder, "address").stdout.strip(), server.link)
        self.assertIn("stopped", server.stop())
        self.assertEqual(server.process.returncode, 0)

    def test_relay_options(self):
        secret, certificate = os.path.join(self.top, "relay-secret"), os.path.join(self.top, "certificate.pem")
        with open(secret, "w", encoding="ascii") as file:
            file.write("north\n")
        relay = ("--data", self.folder, "--host", "localhost", "--relay", "turn.example.org", "--relay-secret-file", secret)
        self.assertIn("TCP port", refused(*relay, "--relay-tls", "65536"))
        self.assertIn("needs --relay-tls", refused(*relay, "--relay-certificate", secret))
        self.assertIn("holds no certificate", refused(*relay, "--relay-tls", "443", "--relay-certificate", secret))
        self.assertIn("0.01 to 8760", refused(*relay, "--relay-hours", "0.001"))
        self.assertIn("1 to 86400", refused("--grace", "86401"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                        "-keyout", certificate + ".key", "-out", certificate], check=True, timeout=60, capture_output=True)
        self.start("--relay", "turn.example.org", "--relay-secret-file", secret, "--relay-tls", "443", "--relay-certificate", certificate)
        link = ctl(self.folder, "invite").stdout.strip()
        text = link.split("&r=")[1]
        access = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        self.assertEqual((access[0], access[3]), ("turn.example.org", "443"))
        pem = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], check=True, timeout=60,
                             capture_output=True).stdout
        spki = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
        self.assertEqual(access[4], hashlib.sha256(spki).hexdigest())

    def test_port_taken(self):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
            taken.bind(("::", 0))
            port = str(taken.getsockname()[1])
            self.assertIn(f"UDP port {port}", refused("--data", self.folder, "--host", "localhost", "--port", port))

    def test_folder_taken(self):
        self.start()
        self.assertIn("already uses", refused("--data", self.folder, "--host", "localhost", "--port", "0"))

    def test_folder_that_cannot_be_used(self):
        path = os.path.join(self.top, "file")
        pathlib.Path(path).write_text("")
        self.assertIn(path, refused("--data", path, "--host", "localhost", "--port", "0"))
        self.assertIn("cannot be used", refused("--data", "/proc/ahoyd", "--host", "localhost", "--port", "0"))

    def test_too_many_names(self):
        aliases = [f"--alias=name{i}.example" for i in range(16)]
        self.assertIn("16 names", refused("--data", self.folder, "--host", "localhost", *aliases))
        self.start(*aliases[1:])

    def test_plain_clients_are_off_unless_asked_for(self):
        server = self.start()
        counters = json.loads(ctl(self.folder, "--json", "counters").stdout)["counters"]
        self.assertNotIn("plainGuests", counters)
        self.assertNotIn("plain", server.stop())

    def test_plain_options(self):
        common = ["--data", self.folder, "--host", "localhost", "--port", "0", "--plain-port"]
        self.assertIn("70000", refused(*common, "70000"))
        self.assertIn("/live", refused(*common, "0", "--plain-app", "/live"))
        self.assertIn("seconds", refused(*common, "0", "--plain-keepalive", "4"))
        self.assertIn("32 applications", refused(*common, "0", *["--plain-app=a"] * 33))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = str(taken.getsockname()[1])
            self.assertIn("--plain-port", refused(*common, port, "--address", "127.0.0.1"))
        server = self.start("--plain-port", "0")
        counters = json.loads(ctl(self.folder, "--json", "counters").stdout)["counters"]
        self.assertEqual(counters["plainGuests"], 0)
        self.assertIn("plain RTMFP clients on UDP port", server.stop())

    def test_damaged_files(self):
        self.start().stop()
        key = pathlib.Path(self.folder, "server.key")
        good = key.read_text()
        key.write_text("junk")
        self.assertIn("damaged", refused("--data", self.folder, "--host", "localhost", "--port", "0"))
        self.assertEqual(key.read_text(), "junk")
        key.write_text(good)
        pathlib.Path(self.folder, "server.db").write_text("This was a database once, and it is no longer.")
        self.assertIn("damaged", refused("--data", self.folder, "--host", "localhost", "--port", "0"))

    def test_disk_full(self):
        """Files may not grow: neither may a first start, and a running server says so and goes on."""
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
        done = subprocess.run([AHOYD, "--data", self.folder, "--host", "localhost", "--port", "0"], text=True,
                              capture_output=True, timeout=20,
                              preexec_fn=limit)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        server = self.start()
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        done = ctl(self.folder, "add", "ann")
        self.assertEqual(done.returncode, 1)
        self.assertIn("store failed", done.stderr)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(ctl(self.folder, "add", "ann").returncode, 0)

    def test_hostile_lines(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(os.path.join(self.folder, "control"))
            answers = door.makefile()
            for line in (b"", b"[]", b"{", b"\xff\xfe", b'{"command": 5}', b'{"command": "add", "name": {}}',
                         b'{"command": "add", "name": "' + b"a" * 100000 + b'"}'):
                door.sendall(line + b"\n")
                if line == b"\xff\xfe":  # no UTF-8: the door is shut
                    self.assertEqual(answers.readline(), "")
                    door.close()
                    break
                self.assertFalse(json.loads(answers.readline())["ok"], line)
        self.assertEqual(ctl(self.folder, "list").returncode, 0)

    def test_hostile_datagrams(self):
        server = self.start()
        port = int(server.link.split("?")[0].rsplit(":", 1)[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for size in range(0, 1500, 7):
                sender.sendto(os.urandom(size), ("127.0.0.1", port))
        self.assertEqual(ctl(self.folder, "list").returncode, 0)
        counters = json.loads(ctl(self.folder, "--json", "counters").stdout)["counters"]
        self.assertGreater(counters["datagramsIn"], 100)
        self.assertEqual(counters["sessionsOpened"], 0)


if __name__ == "__main__":
    unittest.main()
