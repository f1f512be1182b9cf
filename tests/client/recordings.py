# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recorded call shows and sounds like."""
import json
import os
import subprocess
import tempfile

HARNESS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness")


def streams(path):
    """Codec name -> seconds by the time of its last packet."""
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=codec_type,pts_time:stream=codec_name,codec_type",
                           "-of", "json", path], capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    last = {}
    for packet in found["packets"]:
        last[packet["codec_type"]] = max(last.get(packet["codec_type"], 0.0), float(packet["pts_time"]))
    return {stream["codec_name"]: last.get(stream["codec_type"], 0.0) for stream in found["streams"]}


def tone(path, hertz, start=0.0, end=None):
    """check-tone's findings of its sound: percent, hertz, longest_gap_ms ..."""
    with tempfile.TemporaryDirectory() as folder:
        wav = os.path.join(folder, "sound.wav")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, "-vn", "-ac", "1", "-ar", "48000", wav], check=True, timeout=120)
        words = ["--from", str(start)] + (["--to", str(end)] if end is not None else [])
        done = subprocess.run([os.path.join(HARNESS, "check-tone"), wav, str(hertz), *words], capture_output=True, text=True,
                              check=False, timeout=120)
    return json.loads(done.stdout)


def stamps(path, at_seconds):
    """Of the picture at each of these seconds: (camera's number, its time in ms), or None where it cannot be read."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, at in enumerate(at_seconds):
            shot = os.path.join(folder, f"{number}.png")
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-ss", str(at), "-i", path, "-frames:v", "1", shot], check=True,
                           timeout=120)
            if not os.path.exists(shot):
                found.append(None)
                continue
            done = subprocess.run([os.path.join(HARNESS, "read-stamp"), shot], capture_output=True, text=True, check=False,
                                  timeout=120)
            lines = [json.loads(text) for text in done.stdout.splitlines()]
            found.append((lines[0]["camera"], lines[0]["time_ms"]) if lines else None)
    return found
