"""How typed the core is: what stored documents and unknown types still get into rooms that are to be pure."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from deploy.base.home import ROOT

PURE = ("model", "variants", "document", "decide", "rules", "value", "projection")
MOST = {
    "looked up by name in pure rooms": {
        "approvals": 0,
        "organisation": 4,
        "performance": 0,
        "requests": 0,
        "savings": 0,
    },
    "Any in signatures": {"approvals": 0, "organisation": 0, "performance": 0, "requests": 0, "savings": 0},
    "casts": {"approvals": 0, "organisation": 0, "performance": 0, "requests": 0, "savings": 0},
}
"""What is there today. A number may fall, and is then written down here; none may rise."""


def counted(root: Path = ROOT) -> dict[str, Counter[str]]:
    """By what is counted, how often each service has it."""
    found: dict[str, Counter[str]] = {what: Counter() for what in MOST}
    for file in sorted((root / "services").rglob("*.py")):
        service, *rooms = file.relative_to(root / "services").with_suffix("").parts
        pure = any(room in PURE for room in rooms) or rooms == ["presence"]
        for node in ast.walk(ast.parse(file.read_text())):
            for what in _told(node, pure=pure):
                found[what][service] += 1
    return found


def _told(node: ast.AST, *, pure: bool) -> Iterator[str]:
    match node:
        case (
            ast.Subscript(slice=ast.Constant(value=str()))
            | ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str()), *_])
        ) if pure:
            yield "looked up by name in pure rooms"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            said = [argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs)] + [node.returns]
            for one in (part for annotation in said if annotation for part in ast.walk(annotation)):
                if isinstance(one, ast.Name) and one.id == "Any":
                    yield "Any in signatures"
        case ast.Call(func=ast.Name(id="cast")):
            yield "casts"


def faults(root: Path = ROOT) -> list[str]:
    """Where there is more than there was."""
    found = counted(root)
    return [
        f"{what} of {service}: {found[what][service]}, and at most {most.get(service, 0)}"
        for what, most in MOST.items()
        for service in sorted(found[what].keys() | most)
        if found[what][service] > most.get(service, 0)
    ]


def report() -> Iterator[str]:
    """The counts, service by service."""
    for what, by_service in counted().items():
        yield f"{what}: " + ", ".join(
            f"{service} {by_service[service]}" for service in sorted({*by_service, *MOST[what]})
        )
