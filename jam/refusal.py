"""What the Jam says no with.

A refused command changes nothing. The codes are stable and the same as on the wire; whoever runs the Jam
knows each code's sentence.
"""


class JamRefusal(Exception):
    """`code` is stable; `detail`, if there is one, says more than the code's own sentence.

    `retry_after_ms` above 0: the same command may be taken then.
    """

    def __init__(self, code: str, detail: str = "", retry_after_ms: int = 0) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.retry_after_ms = retry_after_ms
