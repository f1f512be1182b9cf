# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound that says when it was made: tones that hop each 60 ms by a sequence that does not repeat, so that a recording of what was
said beside what was heard shows how late each piece came and which pieces did not come at all. The two speak in turn, as people
do: an echo canceller would take the one for the other's echo."""
import random
import struct
import wave

import numpy as np

RATE = 48000
HOP_MS = 60
LOOK_MS = 10  # from one look at the frequency to the next
TONES = [round(350 * 1.2 ** i) for i in range(12)]  # Hz, up to 2600
SILENT = -1
OPENING_MS = 9000  # both speak, for what is to be known of the first sound
TURN_PIECES = 30  # that one says before it is the other's turn
QUIET = 300.0  # root mean square of 16 bits; below it nothing is heard
WINDOW_MS = 600  # pieces that are found together
MOST_MS = 2500  # delay
SLACK_LOOKS = 3  # that a piece may come earlier or later than those around it


def write(path, seconds, turn):
    """Mono, 16 bits. turn: 0 or 1, who speaks first."""
    chance = random.Random(turn)
    samples, before, phase = [], 0, 0.0
    length = RATE * HOP_MS // 1000
    for number in range(seconds * 1000 // HOP_MS):
        if number * HOP_MS >= OPENING_MS and number // TURN_PIECES % 2 != turn:
            samples.append(np.zeros(length))
            continue
        tone = chance.choice([n for n in range(len(TONES)) if n != before])
        before = tone
        step = 2 * np.pi * TONES[tone] / RATE
        samples.append(np.sin(phase + step * np.arange(length)))
        phase += step * length
    whole = (np.concatenate(samples) * 8000).astype("<i2")
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(whole.tobytes())


def read(path):
    """Samples x channels; also of a file that was never closed."""
    with open(path, "rb") as file:
        head = file.read(64)
        place = head.index(b"data") if b"data" in head else 36
        channels = struct.unpack("<H", head[22:24])[0]
        file.seek(place + 8)
        raw = np.frombuffer(file.read(), "<i2")
    return raw[: len(raw) // channels * channels].reshape(-1, channels)


def tones(samples):
    """The tone heard at each look, by its number; SILENT where there is none."""
    step, size = RATE * LOOK_MS // 1000, RATE * 2 * LOOK_MS // 1000
    looks = max((len(samples) - size) // step, 0)
    window = np.hanning(size)
    time = np.arange(size) / RATE
    bank = np.array([window * np.exp(-2j * np.pi * hertz * time) for hertz in TONES])
    found = np.full(looks, SILENT)
    for first in range(0, looks, 2000):
        last = min(first + 2000, looks)
        pieces = np.stack([samples[i * step: i * step + size] for i in range(first, last)]).astype(float)
        loud = np.sqrt((pieces ** 2).mean(axis=1)) > QUIET
        best = np.abs(pieces @ bank.T).argmax(axis=1)
        found[first:last] = np.where(loud, best, SILENT)
    return found


def compare(said, heard, first_ms, last_ms):
    """said, heard: what tones() gave. Returns (delays in ms, one for each window that was found; part of the pieces that came)."""
    window, most = WINDOW_MS // LOOK_MS, MOST_MS // LOOK_MS
    delays, came, asked = [], 0, 0
    for start in range(first_ms // LOOK_MS, min(last_ms // LOOK_MS, len(heard) - most - window - SLACK_LOOKS), window):
        piece = said[start: start + window]
        speaks = piece != SILENT
        if speaks.mean() < 0.5:
            continue
        stretch = heard[start: start + window + most]
        fits = np.array([(stretch[lag: lag + window] == piece)[speaks].mean() for lag in range(most)])
        lag = int(fits.argmax())
        asked += int(speaks.sum())
        if fits[lag] < 0.3:
            continue
        delays.append(lag * LOOK_MS)
        here = start + lag
        near = np.stack([heard[max(here + d, 0): max(here + d, 0) + window] for d in range(-SLACK_LOOKS, SLACK_LOOKS + 1)])
        came += int((near == piece).any(axis=0)[speaks].sum())
    return delays, came / max(asked, 1)


def first_heard_ms(heard, since_ms):
    """When the first tone came after since_ms; None = never."""
    where = np.flatnonzero(heard[since_ms // LOOK_MS:] != SILENT)
    return int(where[0]) * LOOK_MS if len(where) else None
