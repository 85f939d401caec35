"""The hand that makes every choice: all of them come from one seed, and each step has its own."""

from random import Random


class Hand(Random):
    """Dealt anew at each step, so that a step chooses alike whatever was left out before it."""

    def deal(self, seed: int, step: object) -> None:
        self.seed(f"{seed}/{step}")

    def chance(self, probability: float) -> bool:
        return self.random() < probability
