#!/usr/bin/env python3
"""Checks what the compiler does not: where things live, who may include whom, size caps, names, headers, links.

Prints `path:line: rule: message` for every problem and ends with 1 when there is one. Each rule is a function below; each
has a bad sample in test/lint/Inputs that it must report.
"""

import argparse
import ast
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from cpp_functions import functions_of

FOLDERS = {"dialect", "passes", "frontend", "runtime", "archs", "tools", "test", "docs"}
FILES = {"CMakeLists.txt", "CMakePresets.json", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
         ".gitignore", ".clang-format", ".ci"}
# What may lie in a working tree without belonging to the project: at its top, and anywhere.
IGNORED_AT_TOP = [".git", ".venv", "build", "build-*", "build.*", ".cache", ".vscode", ".idea", "compile_commands.json"]
IGNORED = ["__pycache__", "*.archx"]
CPP = (".cpp", ".h", ".c")
FUNCTION_LINES, PARAMETERS = 100, 5


@dataclass
class File:
    path: pathlib.Path  # relative to the root, with forward slashes
    text: str

    @property
    def lines(self):
        return self.text.splitlines()


class Tree:
    """The project's files under `root`; bad samples of this very check are left out."""

    def __init__(self, root):
        self.root = root
        self.top = sorted(name for name in os.listdir(root) if not matches(name, IGNORED_AT_TOP + IGNORED))
        self.paths = [path for name in self.top for path in self._walk(pathlib.Path(name))]
        self.files = [File(path, self._read(path)) for path in self.paths if self._is_text(path)]

    def _walk(self, path):
        absolute = self.root / path
        if not absolute.is_dir():
            return [path]
        if path == pathlib.Path("test/lint/Inputs"):
            return []
        names = [name for name in sorted(os.listdir(absolute)) if not matches(name, IGNORED)]
        return [found for name in names for found in self._walk(path / name)]

    def _is_text(self, path):
        with open(self.root / path, "rb") as file:
            return b"\0" not in file.read(4096)

    def _read(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def sources(self, *suffixes):
        return [file for file in self.files if file.path.suffix in suffixes]


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


RULES = {}


def rule(name):
    def register(function):
        RULES[name] = function
        return function
    return register


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


# --- Where things live ---------------------------------------------------------------------------------------------------


@rule("top-level")
def check_top_level(tree):
    for name in tree.top:
        if name not in FOLDERS | FILES:
            yield name, 1, f"`{name}` at the top; expected one of the folders {', '.join(sorted(FOLDERS))}"


@rule("readme")
def check_readmes(tree):
    for name in tree.top:
        readme = tree.root / name / "README.md"
        if name in FOLDERS and not readme.is_file():
            yield f"{name}/README.md", 1, "missing; expected a page on the folder's purpose, map and reasons"
        elif name in FOLDERS and len(readme.read_text(encoding="utf-8").splitlines()) > 120:
            yield f"{name}/README.md", 121, "more than two screens (120 lines)"


@rule("utils-name")
def check_utils_names(tree):
    for path in tree.paths:
        if re.search(r"utils?(?=[._/]|$)|Utils?(?=[A-Z._/]|$)", path.as_posix()):
            yield path, 1, "`Utils` is not a name; say what the helpers are about"


@rule("no-code-in-archs")
def check_archs(tree):
    for path in tree.paths:
        if path.parts[0] == "archs" and path.suffix not in (".toml", ".md", ".json", ".safetensors", ".txt"):
            yield path, 1, f"`{path.suffix}` under archs/; expected specs and their data, no code"


# --- Who may include whom ------------------------------------------------------------------------------------------------

# Folder -> prefixes that its sources never include, longest folder first; and exceptions, as whole prefixes.
COMPILER = ("mlir/", "llvm/", "mlir-c/", "dialect/", "passes/")
FORBIDDEN = [
    ("frontend/import", ("passes/", "runtime/", "tools/", "test/")),
    ("frontend", COMPILER + ("runtime/", "tools/", "test/", "frontend/import/")),
    ("dialect", ("frontend/", "passes/", "runtime/", "tools/", "test/")),
    ("passes", ("frontend/", "runtime/", "tools/", "test/")),
    ("runtime/train", COMPILER + ("frontend/", "tools/", "test/")),
    ("runtime/data", COMPILER + ("frontend/", "tools/", "test/", "runtime/train/")),
    ("runtime", COMPILER + ("frontend/", "tools/", "test/", "runtime/train/", "runtime/data/")),
    ("tools/driver", ("mlir/", "llvm/", "mlir-c/", "dialect/", "test/")),
    ("tools", ("test/",)),
]
EXCEPTIONS = {"passes": ("runtime/abi/", "runtime/core/ContainerWriter.h"), "runtime/data": ("runtime/train/BatchSource.h",)}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">]+)[">]', re.MULTILINE)


@rule("include-arrow")
def check_include_arrows(tree):
    for file in tree.sources(*CPP):
        name = file.path.as_posix()
        folder, forbidden = next((row for row in FORBIDDEN if name.startswith(row[0] + "/")), (None, ()))
        for match in INCLUDE.finditer(file.text):
            included = match.group(1)
            if included.startswith(forbidden) and not included.startswith(EXCEPTIONS.get(folder, ("\0",))):
                yield file.path, line_of(file.text, match.start()), f"{folder}/ includes `{included}`, against the arrows"


@rule("include-root")
def check_include_from_root(tree):
    for file in tree.sources(*CPP):
        for match in INCLUDE.finditer(file.text):
            if match.group(1).startswith("."):
                yield (file.path, line_of(file.text, match.start()),
                       f"`{match.group(1)}`; expected a path from the repository root")


# --- Sizes ---------------------------------------------------------------------------------------------------------------


def line_cap(path):
    if path.parts[0] == "test" and path.suffix in (*CPP, ".mlir", ".toml", ".test", ".txt", ".py"):
        return None if "fixtures" in path.parts else 600
    return {".td": 600, ".cpp": 800, ".h": 800, ".c": 800, ".py": 800, ".fbs": 600}.get(path.suffix)


@rule("file-size")
def check_file_sizes(tree):
    for file in tree.files:
        cap, count = line_cap(file.path), len(file.lines)
        if cap and count > cap:
            yield file.path, cap + 1, f"{count} lines; expected at most {cap}"


@rule("function-size")
def check_function_sizes(tree):
    for file, function in all_functions(tree):
        if function.lines > FUNCTION_LINES and not function.is_dispatch_table:
            yield file.path, function.line, f"`{function.name}` has {function.lines} lines; expected at most {FUNCTION_LINES}"


@rule("parameters")
def check_parameters(tree):
    for file, function in all_functions(tree):
        if file.path.parts[0] == "test":
            continue  # what a helper of a test takes are the numbers of a case
        if function.parameters > PARAMETERS:
            yield (file.path, function.line,
                   f"`{function.name}` has {function.parameters} parameters; expected at most {PARAMETERS}, then a struct")


@dataclass
class PythonFunction:
    name: str
    line: int
    lines: int
    parameters: int
    is_dispatch_table: bool = False


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            # Those with a default are named at the call.
            names = [argument.arg for argument in node.args.args]
            count = len(names) - len(node.args.defaults) - ("self" in names[:1])
            yield PythonFunction(node.name, node.lineno, node.end_lineno - node.lineno + 1, count)


def all_functions(tree):
    for file in tree.sources(*CPP):
        yield from ((file, function) for function in functions_of(file.text))
    for file in tree.sources(".py"):
        if not file.path.name.startswith("lit."):
            yield from ((file, function) for function in python_functions(file.text))


# --- Headers, words, links -----------------------------------------------------------------------------------------------


def guard_of(path):
    parts = path.with_suffix("").as_posix().upper().replace("-", "_").split("/")
    parts = ["ARCHRT", *parts[1:]] if parts[0] == "RUNTIME" else ["ARCHC", *parts]
    return "_".join(parts) + "_H"


@rule("header")
def check_headers(tree):
    for file in tree.sources(".h"):
        banner = file.lines[0] if file.lines else ""
        if not re.match(rf"(//|/\*)===-+ {re.escape(file.path.name)} - .*===(//|\*/)$", banner):
            yield file.path, 1, f"no banner; expected `//===- {file.path.name} - what it is ---===//`"
        guard = re.search(r"^#ifndef (\w+)\n#define \1$", file.text, re.MULTILINE)
        installed = file.path.as_posix().startswith("runtime/include/")
        if not guard or (guard.group(1) != guard_of(file.path) and not installed):
            yield file.path, 1, f"guard `{guard.group(1) if guard else 'none'}`; expected `{guard_of(file.path)}`"


@rule("words")
def check_words(tree):
    machine_path = re.compile(r"(?<![\w.])/(?:home|work|root|Users)/\w|\.\./shared\b")
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            found = machine_path.search(line)
            if found:
                yield file.path, number, f"a path of one machine, `{found.group()}`"
            if re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\): )", line) and file.path.suffix in (*CPP, ".td", ".toml"):
                yield file.path, number, "expected `TODO(#issue): what`"


@rule("library-output")
def check_library_output(tree):
    forbidden = re.compile(r"\bstd::(cout|cerr|exit|abort)\b|(?<![\w:.])(printf|exit|abort)\(")
    for file in tree.sources(".cpp"):
        if file.path.parts[0] in ("runtime", "frontend", "passes", "dialect"):
            for number, line in enumerate(file.lines, 1):
                found = forbidden.search(line.split("//")[0])
                if found:
                    yield file.path, number, f"`{found.group().rstrip('(')}` in a library; expected a returned error or text"


@rule("link")
def check_links(tree):
    for file in tree.sources(".md"):
        for match in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.text):
            target = match.group(1)
            if "://" not in target and not (tree.root / file.path.parent / target).exists():
                yield file.path, line_of(file.text, match.start()), f"`{target}` does not exist"


@rule("page-test")
def check_page_tests(tree):
    tests = "".join(file.text for file in tree.files if file.path.parts[0] == "test" and file.path.suffix == ".test")
    for file in tree.sources(".md"):
        if file.path.parts[0] != "test" and "\n```console\n" in file.text and f"/{file.path.as_posix()} " not in tests:
            yield file.path, 1, "shows commands, but no test runs the page (run_doc_commands.py)"


@rule("format")
def check_format(tree):
    sources = [str(file.path) for file in tree.sources(*CPP)]
    if not sources or not (tree.root / ".clang-format").is_file() or not shutil.which("clang-format"):
        return
    run = subprocess.run(["clang-format", "--dry-run", *sources], cwd=tree.root, capture_output=True, text=True)
    reported = set()
    for match in re.finditer(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted", run.stderr, re.MULTILINE):
        if match.group(1) not in reported:  # the first place of a file says enough
            reported.add(match.group(1))
            yield match.group(1), int(match.group(2)), "not formatted; run `make format`"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--rule", choices=sorted(RULES), action="append", help="only this rule; may be repeated")
    parser.add_argument("--skip", choices=sorted(RULES), action="append", default=[], help="not this rule; may be repeated")
    parser.add_argument("--list-sources", action="store_true", help="print the C and C++ files and end")
    arguments = parser.parse_args()
    tree = Tree(arguments.root.resolve())
    if arguments.list_sources:
        print("\n".join(str(file.path) for file in tree.sources(*CPP)))
        return 0
    names = [name for name in arguments.rule or RULES if name not in arguments.skip]
    found = [(str(path), line, name, message) for name in names for path, line, message in RULES[name](tree)]
    for path, line, name, message in sorted(found):
        print(f"{path}:{line}: {name}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
