# SPDX-License-Identifier: GPL-3.0-or-later
"""The three programs: each makes one video call from a to b in the laboratory and says when pictures were shown."""
import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.join(HERE, "../..")
sys.path.insert(0, os.path.join(TREE, "tests/net"))
# pylint: disable=wrong-import-position
import lab
import people

ADDRESSES = {"a": "10.1.0.2", "b": "10.2.0.2"}
FIGURES_MS = 30


class Ahoy:
    """Two ahoy-cli that are signed in at an ahoyd and have talked before; the callee answers at once."""
    name = "Ahoy"

    def __init__(self, devices, network, town):
        self.devices, self.lab, self.town, self.call = devices, network, town, None

    def start(self):
        self.town.devices = self.devices
        self.town.enter_with_devices(self.lab)

    def dial(self):
        ann, bob = self.town.people.values()
        self.call = lab.Call(ann, bob, "video", waits=0)

    def pictures(self):
        """When pictures were shown, by side: monotonic seconds."""
        shown = {}
        for side, person in zip("ab", self.town.people.values()):
            shown[side], before = [], 0
            for line in person.told("figures"):
                shown[side] += [line["at"]] * (line["videoShown"] - before if line["videoShown"] > before else 0)
                before = line["videoShown"]
        return shown

    def close(self):
        self.town.leave_lab_alone()


class Town(lab.Town):
    """Keeps to a laboratory that is there already."""
    devices = None

    def _start(self, server_host, relay=False, options=()):
        if self.devices is None:
            super()._start(server_host, relay, options)
            return
        self.server = lab.Server(self.lab, server_host, self.bin, os.path.join(self.now, "server"))
        for name, host in lab.SIDES.items():
            self.people[name] = Person(self.lab, host, self.bin, os.path.join(self.now, name), self.devices, self.clips[name])

    def enter_with_devices(self, network):
        self.lab = network
        shutil.copytree(self.prepared, self.now, ignore=shutil.ignore_patterns("*control*", "*.sock", "run"))
        self._start("srv")
        for person in self.people.values():
            person.resume(self.server)
        for person, other in zip(self.people.values(), reversed(self.people.values())):
            person.wait("contact", address=other.address, presence="online", timeout=20)

    def leave_lab_alone(self):
        network, self.lab = self.lab, Silent()
        self.leave()
        self.lab = network


class Silent:
    def down(self):
        pass


class Person(lab.Person):
    def __init__(self, network, host, bin_dir, folder, devices, clip):
        self.devices = devices
        super().__init__(network, host, bin_dir, folder, "--camera", "file:" + clip, "--microphone", f"pulse:microphone-{host}",
                         "--figures", str(FIGURES_MS))

    def command_line(self, *words):
        line = people.Person.command_line(self, *words)
        line[line.index("--speaker") + 1] = f"pulse:speaker-{self.host}"
        return self.lab.inside(self.host, self.devices.words(*line))

    def _environment(self):
        return {**os.environ, "AHOY_PASSWORD": self.password}


class Webrtc:
    """Two webrtcbin with the same codecs and rates, whose signals go straight by TCP. It has no congestion control in Debian 12
    (rtpgccbwe is in gst-plugins-rs): the rate is what it is."""
    name = "webrtcbin"

    def __init__(self, devices, network, town):
        self.devices, self.lab, self.clips = devices, network, town.clips
        self.ends, self.shown, self.readers = {}, {"a": [], "b": []}, []

    def start(self):
        for side, role, clip in (("b", "wait", "bob"), ("a", "call", "ann")):
            words = [os.path.join(HERE, "webrtc-peer"), role, ADDRESSES["b"], "7000", self.clips[clip], f"microphone-{side}",
                     f"speaker-{side}"]
            # pylint: disable=consider-using-with
            end = subprocess.Popen(self.lab.inside(side, self.devices.words(*words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, bufsize=1)
            assert "ready" in end.stdout.readline()
            self.ends[side] = end
            self.readers.append(threading.Thread(target=self._read, args=(side, end), daemon=True))
            self.readers[-1].start()

    def _read(self, side, end):
        for text in end.stdout:
            what = json.loads(text)
            if what["event"] == "picture":
                self.shown[side].append(what["at"])
            else:
                print(f"     webrtcbin at {side}: {text.strip()}", flush=True)

    def dial(self):
        self.ends["a"].stdin.write("\n")
        self.ends["a"].stdin.flush()

    def pictures(self):
        return {side: list(shown) for side, shown in self.shown.items()}

    def close(self):
        for end in self.ends.values():
            end.kill()
            end.wait()


BARESIP = """poll_method epoll
sip_listen {address}:5060
call_local_timeout 120
call_max_calls 2
audio_player alsa,speaker
audio_source alsa,microphone
audio_alert alsa,null
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 1
auplay_channels 1
video_source avformat,{clip}
video_display x11,nil
video_size 640x480
video_bitrate 1000000
video_fps 30
video_fullscreen no
jitter_buffer_delay 5-10
rtp_stats no
opus_bitrate 32000
opus_inbandfec yes
opus_packet_loss 5
opus_stereo no
opus_sprop_stereo no
module_path /usr/lib/baresip/modules
module stdio.so
module opus.so
module vp8.so
module alsa.so
module avformat.so
module x11.so
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
"""
ASOUND = """pcm.speaker { type pulse device "speaker-%s" }
pcm.microphone { type pulse device "microphone-%s" }
"""


class Baresip:
    """Two baresip 1.0 that call each other by address, DTLS-SRTP, VP8 and Opus at the same rates. Its screens are X servers whose
    memory is watched."""
    name = "baresip"

    def __init__(self, devices, network, town):
        self.devices, self.lab, self.clips = devices, network, town.clips
        self.folder = tempfile.mkdtemp(prefix="ahoy-baresip-")
        self.ends, self.screens, self.stop = {}, {}, threading.Event()

    def start(self):
        for number, (side, clip) in enumerate((("b", "bob"), ("a", "ann"))):
            home = os.path.join(self.folder, side)
            os.makedirs(home + "/.baresip")
            display = f":{os.getpid() % 10000 * 4 + 20000 + number}"
            self.screens[side] = Screen(display, home)
            with open(home + "/.baresip/config", "w", encoding="utf-8") as file:
                file.write(BARESIP.format(address=ADDRESSES[side], clip=self._without_sound(self.clips[clip], home)))
            with open(home + "/.baresip/accounts", "w", encoding="utf-8") as file:
                file.write(f"<sip:{side}@{ADDRESSES[side]}>;regint=0;answermode=auto;mediaenc=dtls_srtp;audio_codecs=opus/48000/2;"
                           "video_codecs=vp8\n")
            with open(home + "/.asoundrc", "w", encoding="utf-8") as file:
                file.write(ASOUND % (side, side))
            words = ["env", f"HOME={home}", f"DISPLAY={display}", "baresip", "-f", home + "/.baresip"]
            log = open(home + "/log", "w", encoding="utf-8")  # pylint: disable=consider-using-with
            self.ends[side] = subprocess.Popen(self.lab.inside(side, self.devices.words(*words)), stdin=subprocess.PIPE,
                                               stdout=log, stderr=subprocess.STDOUT, text=True, bufsize=1)
        time.sleep(2)

    @staticmethod
    def _without_sound(clip, folder):
        """Its avformat module ends the process at a file that has sound beside the picture."""
        silent = os.path.join(folder, "clip.webm")
        subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-an", "-c", "copy", silent], check=True, timeout=60)
        return silent

    def dial(self):
        self.ends["a"].stdin.write(f"/dial sip:b@{ADDRESSES['b']}\n")
        self.ends["a"].stdin.flush()

    def pictures(self):
        return {side: list(screen.changes) for side, screen in self.screens.items()}

    def close(self):
        for end in self.ends.values():
            end.kill()
            end.wait()
        for screen in self.screens.values():
            screen.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Screen:
    """An X server whose picture lies in a file; looks at it each 5 ms."""

    def __init__(self, display, folder):
        # pylint: disable=consider-using-with
        self.server = subprocess.Popen(["Xvfb", display, "-screen", "0", "640x480x24", "-fbdir", folder, "-nolisten", "tcp"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.path = os.path.join(folder, "Xvfb_screen0")
        self.changes, self.stop = [], threading.Event()
        for _ in range(100):
            if os.path.exists(self.path) and os.path.getsize(self.path) > 640 * 480 * 4:
                break
            time.sleep(0.05)
        time.sleep(0.3)
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def _watch(self):
        with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory:
            # The row of bits in the middle strip of the stamp that holds the time's lowest ones (tests/harness/stamp.h).
            row = len(memory) - 640 * 480 * 4 + 640 * 4 * (24 + 152 + 96 + 16)
            before = memory[row: row + 2560]
            while not self.stop.wait(0.005):
                now = memory[row: row + 2560]
                if now != before:
                    self.changes.append(time.monotonic())
                    before = now

    def close(self):
        self.stop.set()
        self.watcher.join()
        self.server.kill()
        self.server.wait()
