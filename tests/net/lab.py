# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory around real processes: ahoyd and two people with an ahoy-cli each, every one in a network namespace of the
small Internet that natlab makes. Needs root."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "client"))
# pylint: disable=wrong-import-position
import people

NATLAB = os.path.join(HERE, "natlab")
SIDES = {"ann": "a", "bob": "b"}
PORT = 1935
SPEED = 100  # ms between figures


def skip_unless_possible():
    """Ends the process with 77 where one may not make network namespaces."""
    name = f"ahoy{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, timeout=20, check=False)
    if made.returncode != 0:
        print("skipped:", made.stderr.strip() or "no root")
        sys.exit(77)
    subprocess.run(["ip", "netns", "del", name], timeout=20, check=False)


class Lab:
    """The namespaces. Every command has an end of its own."""

    def __init__(self):
        self.name = f"ahoy{os.getpid()}"
        self.environment = {**os.environ, "NATLAB": self.name}

    def __call__(self, *words, timeout=20):
        done = subprocess.run([NATLAB, *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=timeout,
                              check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"natlab {words}: {done.stderr}"
        return done.stdout

    def start(self, *words):
        """A command that takes its time; wait() for it."""
        # pylint: disable=consider-using-with
        return subprocess.Popen([NATLAB, *map(str, words)], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL)

    def inside(self, host, words):
        return ["ip", "netns", "exec", f"{self.name}-{host}", *words]

    def down(self):
        subprocess.run([NATLAB, "down"], env=self.environment, timeout=30, check=False)


RELAY_SECRET = "a secret that only the laboratory knows"
RELAY_PORT = 3478
RELAY_TLS_PORT = 443


def make_certificate(path, key):
    """One that no authority signed, as docs/operate.md makes it."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                    "-subj", "/CN=ahoy.lab", "-keyout", key, "-out", path], check=True, timeout=60, stdin=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Relay:
    """A coturn on srv, as docs/operate.md has it."""

    def __init__(self, lab, folder, family="4"):
        self.lab, self.folder, self.process = lab, os.path.join(folder, "relay"), None
        self.addresses = {"4": ["203.0.113.11"], "6": ["2001:db8::10"]}.get(family, ["203.0.113.11", "2001:db8::10"])
        os.makedirs(self.folder, exist_ok=True)
        self.certificate, self.key = (os.path.join(self.folder, name) for name in ("certificate.pem", "key.pem"))
        if not os.path.exists(self.certificate):
            make_certificate(self.certificate, self.key)
        with open(os.path.join(os.path.dirname(os.path.dirname(HERE)), "data", "turn-first-contact.sql"), encoding="utf-8") as words:
            subprocess.run(["sqlite3", os.path.join(self.folder, "turndb")], input=words.read(), text=True, check=True, timeout=20)
        self.secret_file = os.path.join(self.folder, "secret")
        with open(self.secret_file, "w", encoding="utf-8") as file:
            file.write(RELAY_SECRET + "\n")
        self.start()

    def start(self, secret=RELAY_SECRET):
        words = ["turnserver", "-n", "--listening-port", RELAY_PORT, "--tls-listening-port", RELAY_TLS_PORT, "--cert",
                 self.certificate, "--pkey", self.key, "--use-auth-secret", "--static-auth-secret", secret, "--realm", "ahoy.lab", "--fingerprint", "--no-cli",
                 "--no-dtls", "--no-multicast-peers", "--userdb", os.path.join(self.folder, "turndb"), "--simple-log",
                 "--log-file", os.path.join(self.folder, "turn.log"), "--pidfile", os.path.join(self.folder, "turn.pid"),
                 "--denied-peer-ip", "10.0.0.0-10.255.255.255", "--min-port", 49152, "--max-port", 50151]
        for address in self.addresses:
            words += ["--listening-ip", address, "--relay-ip", address]
        if "203.0.113.11" in self.addresses:  # ahoyd's own, where strangers look for it
            words += ["--listening-ip", "203.0.113.10"]
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(self.lab.inside("srv", [str(word) for word in words]), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            heard = subprocess.run(self.lab.inside("srv", ["ss", "-lnu", f"sport = :{RELAY_PORT}"]), capture_output=True, text=True,
                                   timeout=10, check=False).stdout
            if str(RELAY_PORT) in heard:
                return
            time.sleep(0.05)
        raise AssertionError("turnserver did not start")

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Server(people.Server):
    """An ahoyd on a host of the laboratory, under the name that all hosts know."""

    def __init__(self, lab, host, bin_dir, folder, *relay):
        self.lab, self.host, self.relay = lab, host, relay
        super().__init__(bin_dir, folder)

    def start(self):
        words = [os.path.join(self.bin, "ahoyd"), "--data", self.data, "--host", "ahoy.lab", "--port", str(PORT),
                 "--print-address", "--open-registration", *self.relay]
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(self.lab.inside(self.host, words), stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=people.own_environment(self.folder))
        self.link, self.port = self.process.stdout.readline().strip(), PORT
        assert self.link, f"ahoyd did not start: see {self.log.name}"

    def address(self, name):
        return f"{name}@ahoy.lab"


class Person(people.Person):
    """An ahoy-cli on a host of the laboratory."""

    def __init__(self, lab, host, bin_dir, folder, *options):
        self.lab, self.host = lab, host
        super().__init__(bin_dir, folder, "--figures", str(SPEED), *options)

    def command_line(self, *words):
        return self.lab.inside(self.host, super().command_line(*words))

    def resume(self, server):
        """Signs in as whom the folder knows."""
        self.address = server.address(os.path.basename(self.folder))
        self.start()
        self.wait("session", state="signed-in")
        return self

    def figures(self, since=0):
        told = self.told("figures", since)
        return told[-1] if told else None


class Town:
    """A prepared server with two people who are contacts and have never talked, put into one laboratory after another."""

    def __init__(self, prefix, make_clip):
        self.bin, self.lab = os.path.join(prefix, "bin"), Lab()
        self.folder = tempfile.mkdtemp(prefix="ahoy-net-")
        self.prepared, self.now = os.path.join(self.folder, "prepared"), os.path.join(self.folder, "now")
        self.clips, self.server, self.people, self.relay = {}, None, {}, None
        try:
            for number, name in enumerate(SIDES, 1):
                self.clips[name] = os.path.join(self.folder, name + ".webm")
                subprocess.run([make_clip, self.clips[name], "20", str(number), str(440 * number)], check=True, timeout=120,
                               stdout=subprocess.DEVNULL)
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self):
        self.lab("up", "none", "none")
        self.now, kept = self.prepared, self.now
        self._start("srv", relay=True)  # so that each knows the relay from before
        for name, person in self.people.items():
            person.enter(self.server, name)
        ann, bob = self.people.values()
        ann.do("request", bob.address)
        bob.wait("contact", address=ann.address, relation="requested")
        bob.do("accept", ann.address)
        for person, other in ((ann, bob), (bob, ann)):
            person.wait("contact", address=other.address, relation="both", presence="online")
        self.leave()
        self.now = kept

    def _start(self, server_host, relay=False, options=(), family="4", serve=()):
        self.relay = Relay(self.lab, self.now, family) if relay else None
        words = ["--relay", f"relay.lab:{RELAY_PORT}", "--relay-secret-file", self.relay.secret_file, "--relay-tls",
                 str(RELAY_TLS_PORT), "--relay-certificate", self.relay.certificate, *serve] if relay else []
        self.server = Server(self.lab, server_host, self.bin, os.path.join(self.now, "server"), *words)
        for name, host in SIDES.items():
            clip = "file:" + self.clips[name]
            self.people[name] = Person(self.lab, host, self.bin, os.path.join(self.now, name), "--camera", clip, "--microphone",
                                       clip, *options)

    def enter(self, nat_a="none", nat_b="none", family="4", server_host="srv", relay=True, blocked="",
              options=(), outer="", only_tls="", serve=()):
        """Both signed in, in a fresh laboratory: (ann, bob). blocked: the sides whose gateways let no UDP through; only_tls: those
        that let only TCP port 443 through. family: "6-4" = ann has IPv6 alone, bob IPv4 alone. outer: the kind of a second NAT around that of each."""
        self.lab("up", nat_a, nat_b, "dual" if family == "6-4" else family)
        if family == "6-4":
            self.lab("ipv4", "a", "off")
            self.lab("no-ipv6", "b")
        for side in SIDES.values() if outer else ():
            self.lab("double", side, outer)
        for side in blocked:
            self.lab("block-udp", side)
        for side in only_tls:
            self.lab("only-tls", side)
        if server_host == "a":
            self.lab("forward", "a", PORT)
            self.lab("name", "a", "10.1.0.2")
            self.lab("name", "b", "203.0.113.21")
        shutil.copytree(self.prepared, self.now, ignore=shutil.ignore_patterns("*control*", "*.sock", "run"))
        self._start(server_host, relay, options, family, serve)
        ann, bob = self.people.values()
        for person in (ann, bob):
            person.resume(self.server)
        for person, other in ((ann, bob), (bob, ann)):
            person.wait("contact", address=other.address, presence="online", timeout=20)
        return ann, bob

    def enter_alone(self, nat_a, relay, blocked="", only_tls=""):
        """Server and relay in a fresh laboratory; nobody is started."""
        self.lab("up", nat_a, "none")
        for side in blocked:
            self.lab("block-udp", side)
        for side in only_tls:
            self.lab("only-tls", side)
        shutil.copytree(self.prepared, self.now, ignore=shutil.ignore_patterns("*control*", "*.sock", "run"))
        self._start("srv", relay)

    def leave(self):
        """Ends the processes and the laboratory; what they wrote is forgotten unless AHOY_KEEP names a folder for it."""
        for person in self.people.values():
            if person.process is not None:
                person.close()
        self.people = {}
        if self.server is not None:
            self.server.close()
            self.server = None
        if self.relay is not None:
            self.relay.close()
            self.relay = None
        self.lab.down()
        if os.path.isdir(self.now) and self.now != self.prepared:
            shutil.rmtree(self.now)

    def close(self):
        try:
            self.leave()
        finally:
            self.lab.down()
            shutil.rmtree(self.folder, ignore_errors=True)


class Call:
    """A call from caller to callee and what it took. kind: "audio" or "video"."""

    def __init__(self, caller, callee, kind="audio", waits=0.5, answers=True):
        self.people = caller, callee
        self.since = caller.mark(), callee.mark()
        self.path = "none"
        dialled = time.monotonic()
        caller.say("call", callee.address, kind)
        rings = callee.wait("call", since=self.since[1], state="ringing", outgoing=False, timeout=20)
        self.ringing_ms = round(1000 * (rings["at"] - dialled))
        self.kind, self.accepted = kind, 0
        time.sleep(waits)  # as a person who reads who calls
        if answers:
            self.answer()

    def answer(self):
        self.accepted = time.monotonic()
        self.people[1].say("answer", self.kind)

    def secured(self, timeout=30):
        """Whether the call came about."""
        for person, place in zip(self.people, self.since):
            if person.wait("call", since=place, state=lambda s: s in ("secured", "ended"), timeout=timeout)["state"] == "ended":
                return False
        self.path = self.people[0].told("call", self.since[0], state="secured")[-1]["path"]
        return True

    def sound_ms(self, timeout=10):
        """From "accept" to the first sound, by caller and callee."""
        times = [person.wait("figures", since=place, firstSoundMs=lambda ms: ms > 0, timeout=timeout)["firstSoundMs"]
                 for person, place in zip(self.people, self.since)]
        return [round(ms - 1000 * self.accepted) for ms in times]

    def end(self):
        caller = self.people[0]
        caller.say("hang-up")
        for person, place in zip(self.people, self.since):
            person.wait("call", since=place, state="ended", timeout=10)


def write_table(path, name, lines):
    """Puts lines between the two marks of that name in a document; the marks stay."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = f"<!-- {name}: measured -->", f"<!-- {name}: end -->"
    assert begin in text and end in text, f"{path} has no place for {name}"
    put = begin + "\n" + "\n".join(lines) + "\n" + end
    text = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: put, text, flags=re.S)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
