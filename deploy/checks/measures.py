"""How large the house is: what a reviewer should look at first."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from deploy.base.home import ROOT

ROOMS = ("services", "shared", "deploy", "demo", "benchmarks")
ALIKE_LINES = 6
"""So many lines that stand at two places, one after another, are worth a look."""


def report() -> Iterator[str]:
    """The kit's size, the longest file and function, and how many lines stand twice."""
    files = {file: file.read_text() for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))}
    sizes = {file: len(text.splitlines()) for file, text in files.items()}
    kit = {file: size for file, size in sizes.items() if ROOT / "shared" / "kit" in file.parents}
    yield f"the kit: {len(kit)} files, {sum(kit.values()):,} lines, longest {_named(kit)}"
    yield f"all: {len(sizes)} files, {sum(sizes.values()):,} lines, longest {_named(sizes)}"
    functions = {f"{_short(file)}:{name}": size for file, text in files.items() for name, size in _functions(text)}
    longest = sorted(functions.items(), key=lambda item: -item[1])[:3]
    yield "longest functions: " + ", ".join(f"{name} ({size} lines)" for name, size in longest)
    places = alike(files)
    yield f"lines that stand twice ({ALIKE_LINES} or more together, imports apart): {len(places)}"
    yield from (f"  {one} and {other}" for one, other in places[:10])


def _named(sizes: dict[Path, int]) -> str:
    longest = max(sizes, key=lambda file: sizes[file])
    return f"{_short(longest)} ({sizes[longest]})"


def _short(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.name, node.end_lineno - node.lineno + 1


def alike(files: dict[Path, str]) -> list[tuple[str, str]]:
    """Pairs of places where the same lines begin. Imports and closing brackets do not count."""
    seen: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    for file, text in files.items():
        lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if _tells(line)]
        for start in range(len(lines) - ALIKE_LINES + 1):
            window = lines[start : start + ALIKE_LINES]
            seen[tuple(line for _, line in window)].append((file, window[0][0]))
    pairs: list[tuple[str, str]] = []
    last: dict[tuple[Path, Path], int] = {}
    for places in seen.values():
        for (one, at), (other, there) in pairwise(places):
            if at - last.get((one, other), -100) > 1:
                pairs.append((f"{_short(one)}:{at}", f"{_short(other)}:{there}"))
            last[one, other] = at
    return pairs


def _tells(line: str) -> bool:
    text = line.strip()
    imports = text.startswith(("import ", "from ")) or (text.endswith(",") and text[:-1].isidentifier())
    return len(text) > 2 and not imports and not text.startswith("#")
