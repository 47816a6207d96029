"""Finds the function definitions of a C or C++ file well enough to measure them.

A heuristic over braces, not a parser: comments, literals and preprocessor lines are blanked, then the text between two
statements decides what a brace opens. A function inside an initialiser (a lambda in a table) is not looked at.
"""

import re
from dataclasses import dataclass

BLANKED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    r'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.DOTALL | re.MULTILINE)
SCOPE = re.compile(r"^(inline\s+)?namespace\b|^extern\b\s*$|^(template\s*<.*>\s*)?(class|struct|union|enum)\b(?![^{]*\)\s*$)",
                   re.DOTALL)
DISPATCH_MARK = "// Dispatch table:"


@dataclass
class Function:
    name: str
    line: int
    lines: int
    parameters: int
    is_dispatch_table: bool  # the line above says `// Dispatch table: ...`


def blank(text):
    """The text with comments, literals and directives replaced by blanks, line by line of the same length."""
    return BLANKED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def matching_brace(code, start):
    depth = 0
    for position in range(start, len(code)):
        depth += {"{": 1, "}": -1}.get(code[position], 0)
        if depth == 0:
            return position
    return len(code) - 1


def split_parameters(header):
    """Name and number of parameters of a function's header, or None when it is none."""
    opening = header.find("(")
    if opening < 0 or "=" in re.sub(r"operator\s*[=!<>+\-*/]*=", "", header[:opening]):
        return None
    name = re.search(r"([~\w:]+|operator\s*\S+?)\s*$", header[:opening])
    depth, angle, commas, position = 0, 0, 0, opening
    for position in range(opening, len(header)):
        character = header[position]
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        angle += {"<": 1, ">": -1}.get(character, 0)
        if depth == 0:
            break
        commas += character == "," and depth == 1 and angle <= 0
    inside = header[opening + 1:position].strip()
    return (name.group(1) if name else "?"), (commas + 1 if inside and inside != "void" else 0)


def functions_of(text):
    code = blank(text)
    lines = text.splitlines()
    position = statement = 0
    while position < len(code):
        character = code[position]
        if character in ";}":
            statement = position + 1
        elif character == "{":
            header = code[statement:position].strip()
            if SCOPE.match(header):
                statement = position + 1
            else:
                closing = matching_brace(code, position)
                found = split_parameters(re.sub(r"^\s*(public|private|protected)\s*:", "", header))
                if found:
                    first = code.count("\n", 0, statement + len(code[statement:]) - len(code[statement:].lstrip())) + 1
                    last = code.count("\n", 0, closing) + 1
                    marked = first >= 2 and lines[first - 2].strip().startswith(DISPATCH_MARK)
                    yield Function(found[0], first, last - first + 1, found[1], marked)
                    statement = closing + 1
                position = closing
        position += 1
