"""A failure that a person can do something about."""


class Failure(Exception):
    """What went wrong, and what to do."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause}\n{remedy}")
        self.cause = cause
        self.remedy = remedy
