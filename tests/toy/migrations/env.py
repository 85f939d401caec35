from chassis.migrations import run
from tests.toy import metadata

run(metadata)
