"""What answers are made of."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A part of an answer. The text below each field is its description in the OpenAPI document."""

    model_config = ConfigDict(use_attribute_docstrings=True)
