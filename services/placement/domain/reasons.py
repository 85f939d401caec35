"""Why something is noted about a participation, as codes; the contract lists them for those who read the events."""

from typing import Final

PLANNED: Final = "planned"
#: why the host notes an end; the CMS's withdrawal brings the others of the contract
END_REASONS: Final = (PLANNED, "found_work", "moved_away", "health", "declined", "other")
DECLINE_REASONS: Final = ("not_now", "health", "timetable", "other")
PAUSE_REASONS: Final = ("health", "family", "other")

#: how an end is counted in the figures
ENDED_PLANNED, ENDED_EARLY = "ended_planned", "ended_early"
