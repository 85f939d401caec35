"""Whether the whole way can be gone, and which part is missing."""

from collections.abc import Mapping
from typing import Any

from console.client import ServiceDown

Answers = Mapping[str, dict[str, Any] | ServiceDown]


def missing(answers: Answers) -> list[str]:
    """What keeps a referral from going the whole way, in words for operators; empty when nothing does."""
    return [what for name, answer in answers.items() if (what := _missing(name, answer))]


def _missing(name: str, answer: dict[str, Any] | ServiceDown) -> str:
    if isinstance(answer, ServiceDown):
        return f"{name}: does not answer ({answer})"
    if answer["ready"]:
        return ""
    alive = [worker for worker in answer["workers"] if worker["fresh"]]
    if not alive:
        return f"{name}: no worker"
    trouble = next((worker["trouble"] for worker in alive if worker.get("trouble")), None)
    return f"{name}: worker not ready" + (f" ({trouble})" if trouble else "")
