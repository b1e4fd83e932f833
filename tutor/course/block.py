"""What every part of a lesson file is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]


class Block(BaseModel):
    """A part of a lesson: keys that it does not have are errors, and nothing changes it once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False, populate_by_name=True)


class Experimented(Block):
    """An experiment with its parameters."""

    experiment: str
    with_: dict[str, Any] = Field(default={}, alias="with")
