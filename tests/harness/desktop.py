# SPDX-License-Identifier: GPL-3.0-or-later
"""People at desktops of their own, for tests: each with a home, a runtime folder, a session bus, a camera, a microphone, a speaker and
a screen (Xvfb, or a headless Weston), and Ahoy from the installed tree on it. tests/harness/README.md tells of the devices."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    """Something was not as it must be; the text says what."""


def need(is_so, text):
    if not is_so:
        raise Failed(text)


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]




def in_own_network():
    """Starts this program anew in a network namespace of its own, where there is only loopback and one may count."""
    if os.environ.get("AHOY_TEST_NETWORK") == "own":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)
        return
    os.environ["AHOY_TEST_NETWORK"] = "own"
    words = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    os.execvp(words[0], [*words, "/usr/bin/python3", *sys.argv])


class Screen:
    """One screen: kind is x11 or wayland."""

    def __init__(self, directory, kind, runtime):
        self.directory, self.kind, self.runtime = directory, kind, runtime
        self.environment = {}
        if kind == "wayland":
            self.name = "wl-ahoy"
            self.process = subprocess.Popen(
                ["weston", "--backend=headless-backend.so", "--use-pixman", "--width=1280", "--height=900",
                 f"--socket={self.name}", "--debug", "--idle-time=0"],
                env={**os.environ, "XDG_RUNTIME_DIR": runtime}, stdout=subprocess.DEVNULL,
                stderr=open(f"{directory}/weston.log", "wb"), start_new_session=True)
            self.wait(lambda: os.path.exists(f"{runtime}/{self.name}"))
            self.environment = {"WAYLAND_DISPLAY": self.name, "GDK_BACKEND": "wayland"}
        else:
            read, write = os.pipe()
            self.process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=open(f"{directory}/xvfb.log", "wb"),
                start_new_session=True)
            os.close(write)
            with os.fdopen(read) as told:  # to the end of the line: it dies of a pipe that closes before
                number = told.readline().strip()
            need(number, "Xvfb does not start")
            self.environment = {"DISPLAY": f":{number}", "GDK_BACKEND": "x11"}

    def wait(self, is_so):
        end = time.monotonic() + 20
        while not is_so():
            need(time.monotonic() < end and self.process.poll() is None, "the screen does not start")
            time.sleep(0.05)

    def window_of(self, title):
        """X11: what names one visible window to xwd. (A picture of the root does not hold windows of another depth.)"""
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True,
                               timeout=10, env={**os.environ, "DISPLAY": self.environment["DISPLAY"]}, check=False)
        return ["-id", found.stdout.split()[0]] if found.stdout.split() else ["-root"]

    def shot(self, path, title="."):
        """A picture of the window with that title, else of the whole screen; of all of it on Wayland. Returns: CLOCK_MONOTONIC
        in ms when it was taken."""
        if self.kind == "wayland":
            folder = tempfile.mkdtemp(dir=self.directory)
            subprocess.run(["weston-screenshooter"], cwd=folder, check=True, timeout=30,
                           env={**os.environ, "XDG_RUNTIME_DIR": self.runtime, "WAYLAND_DISPLAY": self.name},
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            at = int(time.monotonic() * 1000)
            taken = [name for name in os.listdir(folder) if name.endswith(".png")]
            need(taken, "no picture of the screen")
            shutil.move(os.path.join(folder, taken[0]), path)
            return at
        window = self.window_of(title) if title != "." else ["-root"]
        raw = path + ".xwd"
        subprocess.run(["xwd", *window, "-silent", "-display", self.environment["DISPLAY"], "-out", raw], check=True,
                       timeout=30)
        at = int(time.monotonic() * 1000)  # when it was surely taken: ages are never told too small
        subprocess.run(["convert", f"xwd:{raw}", path], check=True, timeout=60)
        os.unlink(raw)
        return at

    def click(self, x, y):
        """The mouse, on X11 only; without a window manager windows stand in the corner, so theirs are the screen's places."""
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True, timeout=10,
                       env={**os.environ, "DISPLAY": self.environment["DISPLAY"]})

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Person:
    """One person at one desktop."""

    def __init__(self, world, name, camera, tone, screen="x11", renderer="cairo"):
        self.world, self.name, self.camera, self.tone = world, name, camera, tone
        self.directory = os.path.join(world.directory, name)
        self.address = f"{name}@{world.host}"
        os.makedirs(self.directory)
        self.media("start", self.directory, "--camera", str(camera), "--tone", str(tone))
        self.environment = self.read_environment()
        self.screen = Screen(self.directory, screen, self.environment["XDG_RUNTIME_DIR"])
        self.environment.update(self.screen.environment)
        self.environment.update({"GSK_RENDERER": renderer, "GTK_A11Y": "atspi", "LC_ALL": "C.UTF-8",
                                 "GSETTINGS_BACKEND": "keyfile"})
        if renderer == "cairo":
            self.environment["GDK_DEBUG"] = "gl-disable"
        self.program = self.hands = None

    def media(self, *words, **more):
        return subprocess.run([os.path.join(HERE, "media-env"), *words], check=True, timeout=60,
                              stdin=subprocess.DEVNULL, **more)

    def read_environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("DISPLAY", "WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS")}
        for key, value in re.findall(r"(\w+)=(\S+)", open(os.path.join(self.directory, "env")).read()):
            environment[key] = value
        return environment

    # ---- the program ----

    def start(self, *words):
        self.log = open(os.path.join(self.directory, "ahoy.log"), "ab")
        self.program = subprocess.Popen([f"{self.world.prefix}/bin/ahoy", *words], env=self.environment,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        self.take_hands()

    def take_hands(self):
        self.hands = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, "hands"), str(self.program.pid)],
                                      env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=self.log, text=True, bufsize=1, start_new_session=True)

    def drop_hands(self):
        if self.hands is not None:
            try:
                self.hands.stdin.close()
                self.hands.wait(5)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.hands.kill()
                self.hands.wait()
            self.hands = None

    def quit(self):
        self.drop_hands()
        if self.program is not None:
            self.program.terminate()
            try:
                self.program.wait(10)
            except subprocess.TimeoutExpired:
                self.program.kill()
            self.program = None

    def stop(self):
        self.quit()
        self.screen.stop()
        subprocess.run([os.path.join(HERE, "media-env"), "stop", self.directory], timeout=60,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def cli(self, *words):
        """The same account without windows, while the program with windows does not run."""
        subprocess.run([f"{self.world.prefix}/bin/ahoy-cli", "--data", self.environment["XDG_DATA_HOME"] + "/ahoy", *words],
                       env={**self.environment, "AHOY_PASSWORD": PASSWORD}, check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=self.world.devnull)

    def start_again(self):
        """A second start: it hands over to the first and ends."""
        again = subprocess.run([f"{self.world.prefix}/bin/ahoy"], env=self.environment, stdin=subprocess.DEVNULL,
                               stdout=self.log, stderr=self.log, timeout=30, check=False)
        need(again.returncode == 0, "a second start fails")
        need(self.program.poll() is None, "the first program is gone after a second start")

    def action(self, name, target=None):
        """An action of the program over D-Bus, as a menu or a notification's button gives it."""
        subprocess.run(["gdbus", "call", "--session", "--dest", "org.ahoycall.Ahoy", "--object-path", "/org/ahoycall/Ahoy",
                        "--method", "org.gtk.Actions.Activate", name, f"[<'{target}'>]" if target else "[]", "{}"], env=self.environment,
                       check=True, timeout=20, stdout=self.world.devnull)

    # ---- hands ----

    def order(self, **order):
        """The accessibility library dies now and then of what goes away while it looks: then with new hands."""
        for _ in range(5):
            need(self.program.poll() is None, f"{self.name}'s Ahoy has ended")
            try:
                self.hands.stdin.write(json.dumps(order) + "\n")
                line = self.hands.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line:
                answer = json.loads(line)
                need(answer["ok"], f"{self.name}: {answer.get('error')}")
                return answer
            self.drop_hands()
            self.take_hands()
        raise Failed(f"{self.name}: the accessibility bus does not hold")

    def wait(self, name, role=None, within=20, **more):
        return self.order(do="wait", name=name, role=role, within=within, **more)["name"]

    def gone(self, name, role=None, within=20):
        self.order(do="gone", name=name, role=role, within=within)

    def press(self, name, role="push button", within=20, **more):
        self.order(do="press", name=name, role=role, within=within, **more)

    def click(self, name, role="list item", within=20):
        """By mouse: rows of lists are no buttons."""
        place = self.order(do="where", name=name, role=role, within=within)
        self.screen.click(place["x"], place["y"])

    def type(self, name, text, role="text", near=None):
        order = {"do": "type", "name": name, "role": role, "text": text}
        if near:
            order["near"] = {"role": "push button", "name": near}
        self.order(**order)

    def names(self):
        return self.order(do="names")["names"]

    # ---- eyes and ears ----

    def shot(self, name, title="."):
        path = os.path.join(self.world.pictures, f"{self.name}-{name}.png")
        return path, self.screen.shot(path, title)

    def sees(self, camera, most_age_ms=500, within=15):
        """Waits for a picture of that camera, young enough, on the screen. Returns: its age in ms."""
        end = time.monotonic() + within
        while True:
            path, at = self.shot(f"sees-{camera}", "Call with")
            found = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "read-stamp"), path, "--at", str(at),
                                    "--camera", str(camera), "--most-age", str(most_age_ms)],
                                   capture_output=True, text=True, timeout=60)
            if found.returncode == 0:
                ages = [json.loads(line).get("age_ms") for line in found.stdout.splitlines() if line.startswith("{")]
                return min(age for age in ages if age is not None) if any(a is not None for a in ages) else 0
            need(time.monotonic() < end,
                 f"{self.name} does not see camera {camera}: {found.stdout.strip()} {found.stderr.strip()}")
            time.sleep(0.3)

    def record(self, seconds, name="heard"):
        """Starts to record what the speaker plays. Returns: (process, file)."""
        path = os.path.join(self.directory, f"{name}.wav")
        process = subprocess.Popen([os.path.join(HERE, "media-env"), "record", self.directory, path, str(seconds)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return process, path

    def hears(self, path, tone, *limits):
        checked = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "check-tone"), path, str(tone), *limits],
                                 capture_output=True, text=True, timeout=120)
        need(checked.returncode == 0,
             f"{self.name} hears {tone} Hz not as it must be ({' '.join(limits)}): {checked.stdout.strip()} {checked.stderr.strip()}")
        return checked.stdout.strip()


class Voice:
    """Somebody with ahoy-cli, without devices."""

    def __init__(self, world, name):
        self.world, self.name, self.address = world, name, f"{name}@{world.host}"
        self.lines = []
        self.process = subprocess.Popen(
            [f"{world.prefix}/bin/ahoy-cli", "--data", f"{world.directory}/{name}", "--camera", "none", "--microphone",
             "none", "--speaker", "none"], env={**os.environ, "AHOY_PASSWORD": PASSWORD, "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def say(self, words):
        self.process.stdin.write(words + "\n")

    def wait(self, within=20, **fields):
        end = time.monotonic() + within
        while True:
            for line in self.lines:
                if all(line.get(key) == value for key, value in fields.items()):
                    return line
            need(time.monotonic() < end, f"{self.name} did not hear {fields}; last: {self.lines[-3:]}")
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


class World:
    """A server and the people around it."""

    def __init__(self, prefix, pictures=None):
        self.prefix = os.path.abspath(prefix)
        need(os.access(f"{self.prefix}/bin/ahoy", os.X_OK), f"there is no installed tree in {self.prefix}")
        self.directory = tempfile.mkdtemp(prefix="ahoy-job-")
        self.pictures = pictures or os.path.join(self.directory, "pictures")
        os.makedirs(self.pictures, exist_ok=True)
        self.people = []
        self.devnull = subprocess.DEVNULL
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.server = None

    def serve(self):
        self.server = subprocess.Popen(
            [f"{self.prefix}/bin/ahoyd", "--data", f"{self.directory}/server", "--host", self.host, "--port",
             str(self.port), "--open-registration", "--print-address"],
            stdout=subprocess.PIPE, stderr=open(f"{self.directory}/ahoyd.log", "wb"), text=True,
            start_new_session=True)
        need(self.server.stdout.readline(), "ahoyd does not start")
        self.count_in_kernel()

    def counters(self):
        asked = subprocess.run([f"{self.prefix}/bin/ahoyctl", "--data", f"{self.directory}/server", "--json",
                                "counters"], capture_output=True, text=True, timeout=20, check=True)
        return json.loads(asked.stdout)

    def count_in_kernel(self):
        """Named counters of netfilter for ahoyd's port; the network namespace is this test's own."""
        rules = f"""
table inet ahoy {{
  counter server {{ }}
  chain out {{ type filter hook output priority 0; udp sport {self.port} counter name server; udp dport {self.port} counter name server; }}
}}
"""
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, timeout=20)

    def server_bytes(self):
        """Octets to and from ahoyd's port, by the kernel's count."""
        listed = subprocess.run(["nft", "-j", "list", "counter", "inet", "ahoy", "server"], capture_output=True, text=True,
                                check=True, timeout=20)
        return next(entry["counter"]["bytes"] for entry in json.loads(listed.stdout)["nftables"] if "counter" in entry)

    def add(self, *words, **more):
        person = Person(self, *words, **more)
        self.people.append(person)
        return person

    def close(self, keep=False):
        for person in self.people:
            person.stop()
        if self.server is not None:
            self.server.send_signal(signal.SIGCONT)
            self.server.terminate()
            try:
                self.server.wait(5)
            except subprocess.TimeoutExpired:
                self.server.kill()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)


# ---- what people do ----

PASSWORD = "correct horse battery"


def create_account(person):
    if person.screen.kind == "wayland":  # no mouse there for the rows of the first page
        person.cli("create", person.address)
        person.start()
    else:
        person.start()
        person.click("Create an Account")
        person.type("Address", person.address, near="Create Account")
        person.type("Password", PASSWORD, near="Create Account")
        person.press("Create Account")
    person.wait(person.address, role="label", within=30)
