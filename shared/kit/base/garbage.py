"""How often a process looks through its objects for circles that nobody needs."""

import gc

GARBAGE_AFTER = 500_000
"""So many more objects than before are looked through: a large batch makes as many, and would be looked through again
and again while it is worked on."""

OLDER_AFTER = 4
"""After so many times, those that have been looked through before are looked through too."""


def keep() -> None:
    """What has been made until now stays for as long as the process does, and is not looked through any more; nor is
    each batch several times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, OLDER_AFTER, OLDER_AFTER)
