"""Words that more than one service uses, as codes."""

LANGUAGES = ("fr", "de")
SEXES = ("f", "m")
URGENCIES = ("normal", "high")

#: CMS areas of the canton; the grouping of districts into areas is our choice
CMS_AREAS = ("sion-herens-conthey", "sierre", "martigny-entremont", "monthey-saint-maurice", "haut-valais")

#: regions in which a programme is open or may open
REGIONS = ("sion", "bas-valais", "sierre", "haut-valais")
