"""Files that browsers keep: our own, and the few of npm's packages that pages name. Each has an address with its hash,
so that it may be kept for ever, and is compressed once."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

OWN = {"portal.css": "text/css", "icon.svg": "image/svg+xml", "live.js": "text/javascript"}
OF_PACKAGES = {"htmx.js": (("htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-sse.min.js"), "text/javascript")}
"""An extension comes with htmx in one file: htmx goes through a page as soon as it may, and what had not come by then
would go through nothing."""
THEME = "theme.css"


@dataclass(frozen=True)
class File:
    """A file as it is served."""

    address: str
    media_type: str
    body: bytes
    compressed: bytes


class Files:
    """All files that pages name, by name and by address."""

    def __init__(self, assets: Path | None, theme: Path | None) -> None:
        found = {file.address: (name, file) for name, file in _read(assets, theme)}
        self.at = {address: file for address, (_, file) in found.items()}
        self._addresses = {name: address for address, (name, _) in found.items()}
        self.version = hashlib.sha256("".join(self.at).encode()).hexdigest()[:16]

    def address(self, name: str) -> str | None:
        """Where a file is; none where this instance has none of that name."""
        return self._addresses.get(name)


def _read(assets: Path | None, theme: Path | None) -> Iterator[tuple[str, File]]:
    static = files("services.portal").joinpath("static")
    for name, media_type in OWN.items():
        yield name, _file(name, media_type, static.joinpath(name).read_bytes())
    for name, (paths, media_type) in OF_PACKAGES.items():
        if assets and all((assets / path).is_file() for path in paths):
            yield name, _file(name, media_type, b"\n;\n".join((assets / path).read_bytes() for path in paths))
    if theme:
        yield THEME, _file(THEME, "text/css", theme.read_bytes())


def _file(name: str, media_type: str, body: bytes) -> File:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return File(f"/static/{digest}/{name}", media_type, body, gzip.compress(body, 9, mtime=0))
