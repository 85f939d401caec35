from chassis.migrations import run
from services.identity.store import metadata

run(metadata)
