"""Faults of design, planted one at a time into the real code: what the simulation has to find."""

from tests.simulation.faults import consuming, keeping, programme, relaying  # noqa: F401 - declare the faults
from tests.simulation.faults.planted import FAULTS, Fault, planted

__all__ = ["FAULTS", "Fault", "planted"]
