# SPDX-License-Identifier: GPL-3.0-or-later
"""People with an ahoy-cli each and their ahoyd, as real processes with a folder of their own: what the tests of calls without
a screen and bench/cli-call stand on. Nothing here sleeps for luck: one waits for an event, for at most WAIT seconds."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time

WAIT = 60
PASSWORD = "correct horse battery"


class Late(AssertionError):
    """What was waited for did not come."""


def own_environment(home):
    """The caller's, without its screen, its buses and its home."""
    runtime = os.path.join(home, "run")
    os.makedirs(runtime, mode=0o700, exist_ok=True)
    keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "GST_PLUGIN_PATH",
                                                "GST_REGISTRY", "G_MESSAGES_DEBUG") if name in os.environ}
    return {**keep, "HOME": home, "XDG_RUNTIME_DIR": runtime, "LC_ALL": "C.UTF-8",
            "GST_REGISTRY_FORK": "no"}


def limit_files(pid, octets):
    """No file of the process may grow beyond this from now on; None lifts it."""
    most = resource.RLIM_INFINITY if octets is None else octets
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


class Server:
    """An ahoyd on a port of its own; start() again after kill() is the same server."""

    def __init__(self, bin_dir, folder, *arguments, port=0):
        self.bin, self.folder, self.arguments, self.port = bin_dir, folder, arguments, port
        os.makedirs(folder, exist_ok=True)
        self.log = open(os.path.join(folder, "ahoyd.log"), "a", encoding="utf-8")
        self.process, self.killed = None, False
        self.start()

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    def start(self):
        self.killed = False
        self.process = subprocess.Popen(
            [os.path.join(self.bin, "ahoyd"), "--data", self.data, "--host", "localhost", "--port", str(self.port),
             "--print-address", "--open-registration", *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=own_environment(self.folder))
        self.link = self.process.stdout.readline().strip()
        assert self.link, f"ahoyd did not start: see {self.log.name}"
        self.port = int(self.link.split("?")[0].rsplit(":", 1)[1])

    def send_signal(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def kill(self):
        self.killed = True
        self.end(signal.SIGKILL)

    def limit_files(self, octets):
        limit_files(self.process.pid, octets)

    def address(self, name):
        return f"{name}@localhost:{self.port}"

    def ask(self, *words):
        """ahoyctl's answer, an object."""
        done = subprocess.run([os.path.join(self.bin, "ahoyctl"), "--data", self.data, "--json", *words],
                              capture_output=True, text=True, timeout=30, check=False)
        return json.loads(done.stdout) if done.stdout else {"ok": False, "error": done.stderr}

    def counters(self):
        return self.ask("counters")["counters"]

    def close(self):
        self.end()
        self.log.close()
        assert self.killed or self.process.returncode >= 0, f"ahoyd crashed, or did not end: {self.process.returncode}"


class Person:
    """One ahoy-cli that takes commands on its standard input; each line it prints is kept with its time."""

    def __init__(self, bin_dir, folder, *options):
        self.bin, self.folder, self.options = bin_dir, folder, list(options)
        os.makedirs(folder, exist_ok=True)
        self.log = open(os.path.join(folder, "ahoy-cli.log"), "a", encoding="utf-8")
        self.address, self.process, self.reader = None, None, None
        self.password = PASSWORD
        self.lines, self.more = [], threading.Condition()

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    def command_line(self, *words):
        return [os.path.join(self.bin, "ahoy-cli"), "--data", self.data, "--speaker", "none", *self.options, *words]

    def _environment(self):
        return {**own_environment(self.folder), "AHOY_PASSWORD": self.password}

    def start(self):
        self.process = subprocess.Popen(self.command_line(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, bufsize=1, env=self._environment())
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()
        return self

    def _read(self, process):
        for text in process.stdout:
            line = json.loads(text)
            line["at"] = time.monotonic()
            with self.more:
                self.lines.append(line)
                self.more.notify_all()
        with self.more:
            self.lines.append({"event": "over", "at": time.monotonic()})
            self.more.notify_all()

    def run(self, *words, timeout=WAIT):
        """A command by arguments in a process of its own: (exit status, its lines)."""
        done = subprocess.run(self.command_line(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
                              text=True, timeout=timeout, env=self._environment(), check=False)
        return done.returncode, [json.loads(text) for text in done.stdout.splitlines()]

    # ---- What it told ----

    def mark(self):
        """A place in what it told; wait(since=) looks only behind it."""
        with self.more:
            return len(self.lines)

    def told(self, event=None, since=0, **members):
        with self.more:
            return [line for line in self.lines[since:] if matches(line, event, members)]

    def wait(self, event, since=0, timeout=WAIT, **members):
        """The first line since then with these members. A member may be a function of its value."""
        end = time.monotonic() + timeout
        with self.more:
            at = since
            while True:
                while at < len(self.lines):
                    if matches(self.lines[at], event, members):
                        return self.lines[at]
                    at += 1
                left = end - time.monotonic()
                if left <= 0:
                    last = "\n".join(json.dumps(line) for line in self.lines[-12:])
                    raise Late(f"{self.folder}: no {event} {members} in {timeout} s; the last lines:\n{last}")
                self.more.wait(left)

    def say(self, command, *words):
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        self.process.stdin.write(f"{command} {quoted}\n")
        self.process.stdin.flush()

    def ask(self, command, *words, timeout=WAIT):
        """Says it and waits for its answer."""
        since = self.mark()
        self.say(command, *words)
        return self.wait("answer", since=since, command=command, timeout=timeout)

    def do(self, command, *words):
        answer = self.ask(command, *words)
        assert answer["ok"], f"{self.folder}: {command} {words}: {answer['error']}"

    # ---- Life ----

    def enter(self, server, name, command="create"):
        self.address = server.address(name)
        self.start()
        self.do(command, self.address)
        return self

    def limit_files(self, octets):
        limit_files(self.process.pid, octets)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _over(self):
        self.reader.join(20)
        self.process.stdin.close()
        self.process.stdout.close()

    def quit(self):
        """Its exit status."""
        if self.process is None or self.process.returncode is not None:
            return None
        try:
            self.say("quit")
        except BrokenPipeError:
            pass
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._over()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._over()

    def close(self):
        status = self.quit()
        self.log.close()
        assert status is None or status >= 0, f"{self.folder}: ahoy-cli crashed, or did not end: {status}"


def matches(line, event, members):
    if event is not None and line["event"] != event:
        return False
    for name, wanted in members.items():
        if name not in line or not (wanted(line[name]) if callable(wanted) else line[name] == wanted):
            return False
    return True


class Town:
    """A server and its people below one folder; close() ends them all."""

    def __init__(self, bin_dir, folder):
        self.bin, self.folder, self.people = bin_dir, folder, []
        self.server = Server(bin_dir, os.path.join(folder, "server"))

    def person(self, label, *options):
        """Without an account yet."""
        person = Person(self.bin, os.path.join(self.folder, label), *options)
        self.people.append(person)
        return person

    def enter(self, name, *options):
        return self.person(name, *options).enter(self.server, name)

    def befriend(self, one, two):
        one.do("request", two.address)
        two.wait("contact", address=one.address, relation="requested")
        two.do("accept", one.address)
        for person, other in ((one, two), (two, one)):
            person.wait("contact", address=other.address, relation="both", presence="online")

    def call(self, caller, callee, *how):
        """Until both say that it is secured."""
        since = caller.mark(), callee.mark()
        caller.do("call", callee.address, *how)
        callee.wait("call", since=since[1], state="ringing", outgoing=False)
        callee.do("answer", *how)
        for person, place in zip((caller, callee), since):
            person.wait("call", since=place, state="secured")

    def close(self):
        for person in self.people:
            person.close()
        self.server.close()
