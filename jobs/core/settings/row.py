"""The form of a setting."""

from typing import Any

from pydantic import Field


def setting(variable: str, default: Any, meaning: str, **bounds: Any) -> Any:
    """Declares a setting: its environment variable, default, meaning and pydantic bounds."""
    return Field(default=default, validation_alias=variable, description=meaning, **bounds)
