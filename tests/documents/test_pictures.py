"""The guides' pictures: each is shown, and each that is shown is there, and as small as a picture may be."""

import re

from deploy.base.home import ROOT

PICTURES = ROOT / "docs" / "pictures"
GUIDES = (ROOT / "README.md", *(ROOT / "docs" / "panduan").glob("*.md"))
LARGEST_BYTES = 250_000


def test_every_picture_is_shown_and_every_picture_that_is_shown_is_there() -> None:
    shown = {name for guide in GUIDES for name in re.findall(r"pictures/([a-z-]+)\.png", guide.read_text())}
    there = {file.stem: file.stat().st_size for file in PICTURES.glob("*.png")}
    assert shown == there.keys()
    assert {name: size for name, size in there.items() if size > LARGEST_BYTES} == {}
