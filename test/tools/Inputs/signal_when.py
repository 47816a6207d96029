#!/usr/bin/env python3
"""signal_when.py SIGNAL FILE TEXT COMMAND...: runs the command, signals it once FILE contains TEXT, prints how it ended."""

import pathlib
import signal
import subprocess
import sys
import time

name, path, text, command = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
process = subprocess.Popen(command)
while process.poll() is None:
    if path.exists() and text in path.read_text(encoding="utf-8", errors="replace"):
        process.send_signal(signal.Signals[name])
        break
    time.sleep(0.01)
print("ended with", process.wait())
