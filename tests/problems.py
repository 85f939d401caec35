"""Problem documents, as tests look at them."""

from typing import Any


def fields_of(problem: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong, by the field of the body that it points at."""
    told: dict[str, list[str]] = {}
    for error in problem["errors"]:
        told.setdefault(error["pointer"].removeprefix("#/"), []).append(error["detail"])
    return told
