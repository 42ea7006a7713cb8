"""What the standard library says about itself: a sentence or a paragraph from each docstring of the running Python.

Nearly all of it is read from the library's source with `ast`, so that nothing is imported and nothing runs.
Only modules written in C, which have no source here, are asked for their docstrings; importing those has no effects.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sysconfig
import warnings
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

AREAS: dict[str, tuple[str, ...]] = {
    "text": ("difflib", "gettext", "html", "locale", "re", "shlex", "string", "textwrap", "unicodedata"),
    "numbers": ("cmath", "decimal", "fractions", "math", "numbers", "random", "statistics"),
    "dates and times": ("calendar", "datetime", "time", "zoneinfo"),
    "collections": ("array", "collections", "copy", "enum", "graphlib", "heapq", "itertools", "weakref"),
    "files": (
        "fileinput", "filecmp", "fnmatch", "glob", "io", "mimetypes", "os", "pathlib", "shutil", "tempfile",
    ),
    "archives": ("bz2", "gzip", "lzma", "tarfile", "zipfile", "zlib"),
    "data formats": (
        "base64", "binascii", "configparser", "csv", "json", "pickle", "plistlib", "shelve", "tomllib", "wave", "xml",
    ),
    "networking": (
        "ftplib", "http", "imaplib", "ipaddress", "poplib", "selectors", "smtplib", "socket", "socketserver",
        "ssl", "urllib", "wsgiref", "xmlrpc",
    ),
    "email": ("email", "mailbox"),
    "concurrency": (
        "asyncio", "concurrent", "contextvars", "multiprocessing", "queue", "sched", "subprocess", "threading",
    ),
    "testing and debugging": (
        "bdb", "doctest", "logging", "pdb", "profile", "pstats", "timeit", "trace", "traceback", "tracemalloc",
        "unittest", "warnings",
    ),
    "language tools": (
        "abc", "ast", "builtins", "codecs", "contextlib", "dataclasses", "dis", "functools", "importlib", "inspect",
        "operator", "pkgutil", "tokenize", "types", "typing",
    ),
    "command line": ("argparse", "cmd", "code", "getopt", "getpass", "optparse", "pprint"),
    "security": ("hashlib", "hmac", "secrets"),
}  # fmt: skip

COMPILED = ("array", "binascii", "builtins", "cmath", "itertools", "math", "time", "unicodedata", "zlib")

# Where a module's readable source is not in the file of its name, in one version of Python or another.
SOURCES: dict[str, tuple[str, ...]] = {
    "datetime": ("datetime.py", "_pydatetime.py"),
    "decimal": ("_pydecimal.py",),
    "io": ("_pyio.py",),
    "pathlib": ("pathlib.py", "pathlib/__init__.py", "pathlib/_local.py"),
}

FEWEST_WORDS = 4
SIGNATURE_LINE = re.compile(r"[\w.]+\(.*\)\s*(?:[-=]+>.*)?")
SIGNATURE_BEFORE = re.compile(r"^[\w.]+\([^()]*\)\s*(?:--|:)\s+")
SENTENCE = re.compile(r"[A-Za-z0-9'\".]")  # not code, not a list of arguments
WORD = re.compile(r"[A-Za-z]{2}")
BULLET = re.compile(r"^[-+*#=]+\s+")
ROLE = re.compile(r":[\w:]+:`~?([^`<]+?)(?:\s*<[^>]*>)?`")


class Docstring(NamedTuple):
    """The first paragraph of one docstring; `kind` is "module", "class", "function" or "method"."""

    text: str
    area: str
    module: str
    kind: str
    name: str


def docstrings() -> tuple[list[Docstring], int]:
    """Return the docstrings in a fixed order (by area, module, source), and how many were left out.

    Left out are docstrings that repeat an earlier one word for word, and those without a sentence of four
    words. Modules that this Python does not have are passed over.
    """
    kept: dict[str, Docstring] = {}
    left_out = 0
    for area, modules in AREAS.items():
        for module in modules:
            for kind, name, doc in _documented(module):
                text = first_paragraph(doc)
                if not text or text in kept:
                    left_out += 1
                else:
                    kept[text] = Docstring(text, area, module, kind, name)
    return list(kept.values()), left_out


def first_paragraph(doc: str) -> str:
    """Return the first paragraph of `doc` that has a sentence in it, on one line and without markup."""
    for paragraph in inspect.cleandoc(doc).split("\n\n")[:3]:
        lines = dropwhile(SIGNATURE_LINE.fullmatch, (line.strip() for line in paragraph.splitlines()))
        text = " ".join(" ".join(lines).split())
        text = BULLET.sub("", SIGNATURE_BEFORE.sub("", text))
        text = ROLE.sub(r"\1", text).replace("`", "")
        if SENTENCE.match(text) and sum(map(bool, map(WORD.search, text.split()))) >= FEWEST_WORDS:
            return text
    return ""


def _documented(module: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, full name and docstring of everything public in `module`, its submodules included."""
    if module in COMPILED:
        try:
            yield from _from_object(importlib.import_module(module))
        except ImportError:
            return
    for path, name in _files(module):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in old sources
                tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue
        if doc := ast.get_docstring(tree, clean=False):
            yield "module", name, doc
        yield from _members(tree.body, name, "function")


def _files(module: str) -> Iterator[tuple[Path, str]]:
    """Yield the source files of `module`, with the module name of each."""
    library = Path(sysconfig.get_path("stdlib"))
    if module in SOURCES:
        yield from ((library / part, module) for part in SOURCES[module] if (library / part).is_file())
        return
    if (library / f"{module}.py").is_file():
        yield library / f"{module}.py", module
    for path in sorted((library / module).rglob("*.py")):
        parts = path.relative_to(library).with_suffix("").parts
        inner = parts[1:-1] if parts[-1] == "__init__" else parts[1:]
        if not any(part.startswith("_") or part in ("test", "tests") for part in inner):
            yield path, ".".join((module, *inner))


def _members(body: list[ast.stmt], owner: str, kind: str) -> Iterator[tuple[str, str, str]]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        name = f"{owner}.{node.name}"
        is_class = isinstance(node, ast.ClassDef)
        doc = ast.get_docstring(node, clean=False)
        if doc:
            yield "class" if is_class else kind, name, doc
        if isinstance(node, ast.ClassDef):
            yield from _members(node.body, name, "method")


def _from_object(module: ModuleType) -> Iterator[tuple[str, str, str]]:
    if module.__doc__:
        yield "module", module.__name__, module.__doc__
    for key, value in sorted(vars(module).items()):
        if key.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue  # what others put there
        if not isinstance(value.__doc__, str):
            continue
        name = f"{module.__name__}.{key}"
        yield "class" if isinstance(value, type) else "function", name, value.__doc__
        if isinstance(value, type):
            for method, member in sorted(vars(value).items()):
                if not method.startswith("_") and isinstance(getattr(member, "__doc__", None), str):
                    yield "method", f"{name}.{method}", member.__doc__
