# SPDX-License-Identifier: GPL-3.0-or-later
"""One sound server for both people: a microphone that hears the hopping tones and a speaker for each, and one recorder on all four,
so that its channels stand side by side sample by sample."""
import os
import subprocess
import time

import sound

HERE = os.path.dirname(os.path.abspath(__file__))
ENV = os.path.join(HERE, "../../tests/harness/media-env")
SIDES = "a", "b"
CHANNELS = {("a", "heard"): 0, ("b", "heard"): 1, ("a", "said"): 2, ("b", "said"): 3}  # as pw-cat 0.3 writes RL, RR, FL, FR


class Devices:
    def __init__(self, folder, seconds):
        self.folder, self.recorder, self.players, self.opening_over = folder, None, [], 0
        self.recording = os.path.join(folder, "recording.wav")
        subprocess.run([ENV, "start", folder, "--no-camera", "--no-microphone"], check=True, timeout=60)
        for number, side in enumerate(SIDES):
            self.run("pactl", "load-module", "module-null-sink", f"sink_name=speaker-{side}")
            self.run("pactl", "load-module", "module-null-sink", f"sink_name=feed-{side}")
            self.run("pactl", "load-module", "module-remap-source", f"master=feed-{side}.monitor", f"source_name=microphone-{side}")
            sound.write(self.wav(side), seconds, number)

    def wav(self, side):
        return os.path.join(self.folder, f"voice-{side}.wav")

    def words(self, *words):
        return [ENV, "run", self.folder, *words]

    def run(self, *words):
        return subprocess.run(self.words(*words), check=True, timeout=30, stdout=subprocess.PIPE, text=True).stdout

    def start(self, *words):
        # pylint: disable=consider-using-with
        return subprocess.Popen(self.words(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def record(self):
        """Both speak from now on; what is said and heard is recorded."""
        self.recorder = self.start("pw-cat", "-r", "--target", "0", "--rate", str(sound.RATE), "--channels", "4", "--format", "s16",
                                   "--channel-map", "FL,FR,RL,RR", "-P", "{ node.name=recorder }", self.recording)
        self.players = [self.start("pw-play", "--target", f"feed-{side}", self.wav(side)) for side in SIDES]
        self.opening_over = time.monotonic() + sound.OPENING_MS / 1000
        links = {"feed-a": "FL", "feed-b": "FR", "speaker-a": "RL", "speaker-b": "RR"}
        for _ in range(100):
            ports = self.run("pw-link", "-i")
            if "recorder:input_FL" in ports:
                break
            time.sleep(0.05)
        for sink, port in links.items():
            self.run("pw-link", f"{sink}:monitor_FL", f"recorder:input_{port}")
        time.sleep(1)

    def now_ms(self):
        """The place in the recording."""
        return max(os.path.getsize(self.recording) - 44, 0) // 8 * 1000 // sound.RATE

    def finish(self):
        """What was said and heard, as tones."""
        for process in (*self.players, self.recorder):
            process.terminate()
            process.wait()
        samples = sound.read(self.recording)
        return {key: sound.tones(samples[:, channel]) for key, channel in CHANNELS.items()}

    def close(self):
        for process in (*self.players, self.recorder):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run([ENV, "stop", self.folder], check=False, timeout=60)
