#!/usr/bin/env python3
"""Runs the commands of a documentation page and compares what they print with what the page shows.

A fenced block tagged `console` is a session: a line `$ command` is run (a trailing backslash continues it), the lines below it are
its expected output, stdout and stderr together. `...` stands for any text inside a line, or for any number of lines when alone.
A command without expected output only has to end with 0; one with output may show its code by `echo $?`. A block tagged
`LANGUAGE file=NAME` is written to NAME first. Everything runs in a scratch folder that holds links to the source tree's
folders, so that a page's commands read like those typed at the top of a checkout. Blocks with other tags are not run.

    run_doc_commands.py PAGE.md --scratch FOLDER
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TIME_LIMIT = 600


@dataclass
class Command:
    line: int
    text: str
    expected: list = field(default_factory=list)


@dataclass
class Document:
    line: int
    name: str
    text: str


def blocks_of(page):
    """(line of the fence, its info string, lines inside) for each fenced block."""
    info, start, inside = None, 0, []
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("```"):
            inside.append(line)
        elif info is None:
            info, start, inside = line[3:].strip(), number, []
        else:
            yield start, info, inside
            info = None


def session_commands(start, lines):
    commands, continued = [], False
    for number, line in enumerate(lines, start + 1):
        if continued:
            commands[-1].text += "\n" + line
        elif line.startswith("$ "):
            commands.append(Command(number, line[2:]))
        elif commands:
            commands[-1].expected.append(line)
            continue
        continued = bool(commands) and commands[-1].text.endswith("\\")
    return commands


def actions_of(page):
    for start, info, lines in blocks_of(page):
        named = re.search(r"\bfile=(\S+)", info)
        if info == "console":
            yield from session_commands(start, lines)
        elif named:
            yield Document(start, named.group(1), "\n".join(lines) + "\n")


def output_matches(expected, printed):
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else
                      ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n" for line in expected)
    return re.fullmatch(pattern, printed) is not None


def prepare(scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in ("archs", "docs", "runtime", "test", "tools"):
        if (SOURCE / name).exists():
            (scratch / name).symlink_to(SOURCE / name)


def run_command(command, scratch):
    """None when the command did what the page says, otherwise what went wrong."""
    run = subprocess.run(["sh", "-c", command.text], cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace", timeout=TIME_LIMIT)
    while command.expected and not command.expected[-1].strip():
        command.expected.pop()
    if run.returncode != 0:
        return f"ended with {run.returncode}:\n{run.stdout}"
    if command.expected and not output_matches(command.expected, run.stdout):
        return "printed\n" + run.stdout + "but the page shows\n" + "\n".join(command.expected)
    return None


def run_page(path, scratch):
    prepare(scratch)
    failures, count = 0, 0
    for action in actions_of(path.read_text(encoding="utf-8")):
        if isinstance(action, Document):
            (scratch / action.name).write_text(action.text, encoding="utf-8")
            continue
        count += 1
        problem = run_command(action, scratch)
        if problem:
            failures += 1
            print(f"{path}:{action.line}: `{action.text}` {problem}")
    print(f"{path.name}: {count} commands run, {failures} wrong")
    return failures, count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--scratch", type=pathlib.Path, required=True, help="a folder to run in; emptied first")
    parser.add_argument("--build", type=pathlib.Path, help="a build folder whose bin/ goes to the front of the path")
    parser.add_argument("--may-be-empty", action="store_true", help="a page without commands is fine")
    arguments = parser.parse_args()
    if arguments.build:
        os.environ["PATH"] = f"{arguments.build.resolve() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    failures, count = run_page(arguments.page, arguments.scratch)
    return 1 if failures or not (count or arguments.may_be_empty) else 0


if __name__ == "__main__":
    sys.exit(main())
