"""exit_code.py CODE COMMAND...: runs the command and fails when it ends with another code."""

import subprocess
import sys

code = subprocess.run(sys.argv[2:], check=False).returncode
if code != int(sys.argv[1]):
    sys.exit(f"exit code {code}; expected {sys.argv[1]}")
