"""Reads `.http` files, in the form of the REST Client of Visual Studio Code, as far as ours use it."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import httpx

VARIABLE = re.compile(r"\{\{([^}]+)\}\}")
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


@dataclass(frozen=True)
class Call:
    """One call as it is written: its title, its name for others to refer to, the status that it states."""

    title: str
    name: str | None
    expected: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass
class File:
    """What a file states: commands to give first, variables, and calls in order."""

    first: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)


def parse(text: str) -> File:
    """A file's text. Raises `AssertionError` for a call that states no status."""
    head, *blocks = re.split(r"(?m)^###", text)
    found = File(re.findall(r"(?m)^# First: (.+)$", head), dict(re.findall(r"(?m)^@(\w+) *= *(.+)$", head)))
    for block in blocks:
        title, _, rest = block.strip().partition("\n")
        notes = re.findall(r"(?m)^# (@name|expect:) (\S+)$", rest)
        assert "expect:" in dict(notes), f"{title}: states no status"
        lines = [line for line in rest.splitlines() if not line.startswith("#")]
        method, url = lines[0].split()
        blank = lines.index("") if "" in lines else len(lines)
        headers = dict(line.split(": ", 1) for line in lines[1:blank])
        body = "\n".join(lines[blank + 1 :]).strip()
        told = dict(notes)
        found.calls.append(Call(title, told.get("@name"), int(told["expect:"]), method, url, headers, body))
    return found


@dataclass
class Session:
    """The calls of one file, with what earlier ones answered."""

    variables: Mapping[str, str]
    environment: Callable[[str], str]
    answers: dict[str, httpx.Response] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """A text with every variable's value, also where that names another."""
        while VARIABLE.search(text):
            text = VARIABLE.sub(lambda found: self._value(found[1]), text)
        return text

    def _value(self, name: str) -> str:
        if name == "$guid":
            return str(uuid.uuid4())
        if name.startswith("$processEnv "):
            return self.environment(name.split()[1])
        if name in self.variables:
            return self.variables[name]
        whose, _, what = name.partition(".response.")
        answer = self.answers[whose]
        if what.startswith("headers."):
            return answer.headers[what.removeprefix("headers.")]
        steps: list[str | int] = [key or int(at) for key, at in STEP.findall(what.removeprefix("body.$"))]
        return str(reduce(_into, steps, answer.json()))


def _into(value: Any, step: str | int) -> Any:
    return value[step]
