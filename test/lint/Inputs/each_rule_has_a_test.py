"""Fails when a rule that the help of check_layout.py lists has no test file beside."""

import pathlib
import re
import sys

help_text, folder = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), pathlib.Path(sys.argv[2])
rules = re.search(r"--rule \{([^}]*)\}", help_text).group(1).replace("\n", "").replace(" ", "").split(",")
untested = [rule for rule in rules if not (folder / f"{rule}.test").is_file()]
if untested or not rules:
    sys.exit(f"no test for {untested}")
