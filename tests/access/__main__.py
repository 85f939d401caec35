"""Prints both tables as they are found on this code."""

import logging
import tempfile
from pathlib import Path

import structlog

from tests.access import fields, table
from tests.access.scene import Scene
from tests.access.visitors import everybody
from tests.together import Together

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
with tempfile.TemporaryDirectory() as folder:
    world = Together(Path(folder))
    scene, visitors = Scene(world), everybody(world)
    print(fields.written(fields.found(scene, visitors)), end="\n\n")  # noqa: T201 - what it is for
    print(table.written(table.found(scene, visitors)))  # noqa: T201 - likewise
    world.close()
