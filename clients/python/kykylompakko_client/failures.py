"""What can go wrong, as exceptions."""

from kykylompakko_client.answers import Problem


class Refused(Exception):
    """The issuer refused; `problem` says why, and what is to be done."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem; its sentences hold nothing of what was sent."""
        super().__init__(f"{problem.code}: {problem.title}. {problem.detail}")
        self.problem = problem


class Unreachable(Exception):
    """No answer: the issuer could not be reached, or the connection broke.

    For calls that were made under a key, the same call again is safe.
    """


class NotUnderstood(Exception):
    """What came back is not what this issuer's API answers. Is the address right?"""


class Interrupted(Exception):
    """Many offers were not all made; `next_index` is the first wish without a result.

    Call again with the same wishes and the same key: each offer is made once.
    """

    def __init__(self, next_index: int, why: str) -> None:
        """Keep how far it went."""
        super().__init__(f"interrupted before wish {next_index}: {why}")
        self.next_index = next_index
