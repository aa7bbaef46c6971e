"""What all settings of a scenario have in common: their types, and that each says what it means."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Hour = Annotated[float, Field(ge=-240, le=24 * 60)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Component = Literal["overhead", "cable", "transformer", "lv_main"]
Turns = tuple[tuple[NotNegative, NotNegative], ...]


class Part(BaseModel):
    """A group of settings: no others, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def says(meaning: str, default: Any = ...) -> Any:
    """A setting with its meaning, as `docs/scenarios.md` shows it."""
    return Field(default, description=meaning)
