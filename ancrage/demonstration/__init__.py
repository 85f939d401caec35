"""Made-up people, sent through the public API like anybody else's referrals."""
