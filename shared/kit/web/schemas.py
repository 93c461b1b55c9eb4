"""What answers are made of."""

from pydantic import ConfigDict

from shared.contracts.described import Described


class Schema(Described):
    """A part of an answer. The text below each field is its description in the OpenAPI document."""

    model_config = ConfigDict(defer_build=True)
