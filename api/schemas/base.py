"""Base of all response models, and figures that several of them contain."""

from pydantic import BaseModel, ConfigDict


class ResponseModel(BaseModel):
    """A response object; it has exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class SecondsQuantiles(ResponseModel):
    """Seconds: half of the values are below p50, nine of ten below p90."""

    p50: float
    p90: float
