"""How many examples Hypothesis draws: others in every run, so that few do, and many in the long one."""

from typing import Any

from hypothesis import settings

FEW, MANY = "few", "many"
OF = 100
"""What a test draws in the long run unless it says otherwise."""

settings.register_profile(FEW, max_examples=OF * 2 // 5, deadline=None)
settings.register_profile(MANY, max_examples=OF, deadline=None)


def examples(many: int, **others: Any) -> settings:
    """So many in the long run, and two fifths of them in every other."""
    return settings(max_examples=many * settings().max_examples // OF, **others)
