"""The benchmark of the workflow: referrals in at the intake handler, and the clock until their last effect."""
