"""Compiles specs for GPU targets and has ptxas report on each kernel: assemble.py ARCHC FOLDER SPECS TARGETS"""

import os
import re
import shutil
import subprocess
import sys


def main():
    archc, folder, specs, targets = sys.argv[1:]
    ptxas = shutil.which("ptxas") or "/usr/local/cuda/bin/ptxas"
    for spec in specs.split(","):
        artifact = os.path.join(folder, spec + ".archx")
        subprocess.run([archc, "compile", spec, "--target", targets, "-o", artifact], check=True)
        for target in targets.split(","):
            text = os.path.join(folder, "code.ptx")
            with open(text, "w", encoding="ascii") as file:
                subprocess.run([archc, "inspect", artifact, "--target", target, "--ptx"], stdout=file, check=True)
            command = [ptxas, "-v", "-arch=" + target.split(":")[1], text, "-o", os.devnull]
            report = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True).stderr
            spills = re.findall(r"for (k\d+)\s+(\d+) bytes stack frame, (\d+) bytes spill stores", report)
            if not spills:
                sys.exit(f"{spec} for {target}: ptxas reports on no kernel")
            bad = [spill for spill in spills if spill[1] != "0" or spill[2] != "0"]
            if bad:
                sys.exit(f"{spec} for {target}: kernel, bytes of stack, bytes spilled: {bad}")


main()
