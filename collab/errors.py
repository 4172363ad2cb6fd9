"""What can go wrong, by who has to act.

    TuttiError
    ├── PeerError      the other side sent what it must not: an answer with a code, or a close
    │   ├── BadMessage     the bytes are not a message: the connection ends with `close_code`
    │   └── Refusal        one request is refused; the connection lives
    ├── CallerError    our own interface misused: raised at once
    └── CannotStart    the operator has to change something first: one sentence, exit code 1

The environment's family (the store or the bus is away) is `storage.store.StoreError`. Losing a race at
commit, a duplicate op and an op for an old version are normal events, not errors.

`CODES` is every code that can stand in `refused` or in an HTTP error, with its sentence. Codes are stable;
sentences may improve.
"""

from dataclasses import dataclass
from typing import Final


class TuttiError(Exception):
    """Root of the tree."""


class PeerError(TuttiError):
    """The other side sent what it must not."""


class CallerError(TuttiError):
    """Our interface was misused; the message says how."""


class CannotStart(TuttiError):
    """The program cannot do what its command line asks. The message is one sentence for the operator."""


class BadMessage(PeerError):
    """A frame that is no message. `code` is stable, the text is one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Code:
    """One refusal: its sentence, whether the same bytes may come again, its HTTP status, and whether a
    submission refused with it consumes its seq (a committed refusal)."""

    sentence: str
    retryable: bool = False
    status: int = 400
    consumes: bool = True


CODES: Final[dict[str, Code]] = {
    # about the seq itself: consume nothing
    "already_settled": Code("This seq was answered before; go on with the next one.", consumes=False),
    "seq_gap": Code("This seq leaves a gap; the next one is the last settled plus one.", consumes=False),
    "seq_reused": Code(
        "This seq was settled with another body; go on under a new client id.", consumes=False
    ),
    # nothing changed, the same bytes may come again
    "busy": Code("The document is too busy just now; try again.", retryable=True, status=503, consumes=False),
    "unavailable": Code(
        "The database cannot be reached just now; try again.", retryable=True, status=503, consumes=False
    ),
    "overloaded": Code(
        "This node has as much to do as it can do well; try again soon.", True, 503, consumes=False
    ),
    "rate_limited": Code("Too many requests; wait before you try again.", True, 429, consumes=False),
    "not_open": Code("Open the room before you submit to it.", retryable=True, consumes=False),
    "version_ahead": Code(
        "You hold a version that this server never committed; after restoring a backup its operator must "
        "run `tutti restored`.",
        retryable=True,
        status=409,
        consumes=False,
    ),
    # about who asks
    "not_found": Code("There is no such thing, or you may not see it.", status=404, consumes=False),
    "forbidden": Code("Your role does not allow this.", status=403),
    "token_invalid": Code("The token is not valid here.", status=401, consumes=False),
    "token_expired": Code("The token has expired; get a new one.", status=401, consumes=False),
    "token_missing": Code("A token is needed: send `Authorization: Bearer …`.", status=401, consumes=False),
    "client_taken": Code("This client id belongs to another user; make a new one.", consumes=False),
    # about the op
    "op_malformed": Code("The op is not well formed."),
    "op_too_large": Code("The op has more components than an op may have.", status=413),
    "op_length": Code("The op is written for a list of another length."),
    "op_drops": Code("The drops of the op do not partition its picks."),
    "base_ahead": Code("The op's base is a version that does not exist yet."),
    "base_gone": Code("The history since the op's base is no longer kept; open anew and submit again."),
    "entry_invalid": Code("An entry or a field is not as the playlist's field table says."),
    "uid_taken": Code("An entry with this uid exists already or existed before."),
    "uid_foreign": Code("An entry's uid must begin with the submitter's client id."),
    "unknown_track": Code("There is no such track here; choose one that this server's search finds."),
    "playlist_full": Code("The playlist would hold more entries than it may.", status=409),
    "attribute_invalid": Code("An attribute is not as the playlist's table says."),
    # about a Jam's command
    "command_malformed": Code("This is no command of a Jam."),
    "old_reign": Code("Somebody else has become host since; look at who steers now.", status=409),
    "jam_ended": Code("This Jam is over.", status=409),
    "jam_full": Code("This Jam is full.", status=409),
    "host_leaves": Code("The host hands the Jam over or ends it before leaving.", status=409),
    "member_gone": Code("There is no such person in this Jam.", status=404),
    "other_play": Code("Another song plays by now.", status=409),
    "seek_beyond": Code("The song has no such position."),
    "setting_invalid": Code("The Jam has no such setting, or it cannot be that."),
    "chat_invalid": Code("This is no message that a Jam takes."),
    "too_many_messages": Code("You write too fast; wait a little.", status=429),
    "message_gone": Code("There is no such message (any more).", status=404),
    # about a Jam's door: the same for a code or link that never was, is over, or that a locked door ignores
    "key_invalid": Code(
        "This code or link opens no Jam; look at it again, or ask for a new one.", status=404
    ),
    # about a Jam's queue
    "entry_gone": Code("This entry is not in the queue (any more).", status=409),
    "entry_fixed": Code("This entry cannot be put elsewhere now.", status=409),
    "already_playing": Code("This song plays now.", status=409),
    "recently_played": Code("This song was played not long ago; host or co-host may override.", status=409),
    "queue_full": Code("The queue holds as many songs as it may.", status=409),
    "song_too_long": Code("This song is longer than a guest's may be here.", status=409),
    "too_many_waiting": Code("As many of your songs wait as may; add more when one has played.", status=409),
    "too_many_adds": Code("You add too fast; wait a little.", status=429),
    "too_many_votes": Code("You vote too fast; wait a little.", status=429),
    "votes_frozen": Code("The host has frozen the votes.", status=409),
    "down_votes_off": Code("In this Jam one votes for songs, not against them.", status=409),
    "not_by_hand": Code("In this Jam votes put the queue in order, not hands.", status=409),
    "skip_too_early": Code("The song has only begun; listen a little.", status=409),
    "skip_vetoed": Code("Host or co-host want this song to be heard.", status=409),
    # about a player over HTTP
    "no_player": Code("You are in no Jam now; play something to start one.", status=404, consumes=False),
    "no_context": Code(
        "Only people's own songs wait here; there is no list to shuffle.", status=403, consumes=False
    ),
    "context_unknown": Code("What can be played is a playlist, or tracks by their URIs.", consumes=False),
    # about HTTP requests
    "outcome_unknown": Code(
        "It may or may not have taken effect; look before you ask for it again.", status=409, consumes=False
    ),
    "key_reused": Code(
        "This `Idempotency-Key` came with another request; make a new one for each.",
        status=422,
        consumes=False,
    ),
    "history_gone": Code("That part of the history is no longer kept.", status=410, consumes=False),
    "bad_request": Code("The request is not well formed.", consumes=False),
    "file_unreadable": Code("The file is no playlist in a format that is known here.", consumes=False),
    "other_contents": Code(
        "The file is not the one that you name in `If-Match` (any more).", status=412, consumes=False
    ),
    "range_beyond": Code(
        "The file ends before this range; `Content-Range` says how long it is.", status=416, consumes=False
    ),
    "method_not_allowed": Code("This path does not take this method.", status=405, consumes=False),
    "too_large": Code("The request is larger than it may be.", status=413, consumes=False),
    "members_full": Code("This playlist has as many members as it may.", status=409, consumes=False),
    "last_owner": Code("A playlist keeps at least one owner.", status=409, consumes=False),
    "internal": Code("Something went wrong on our side; it was logged.", True, 500, consumes=False),
}


class Refusal(PeerError):
    """One request is refused. `code` is a key of `CODES`; `detail` says more than its sentence."""

    def __init__(self, code: str, detail: str = "", retry_after_ms: int = 0) -> None:
        assert code in CODES, f"{code} has no entry in CODES"
        self.code = code
        self.message = detail or CODES[code].sentence
        self.retry_after_ms = retry_after_ms
        super().__init__(self.message)

    def bare(self) -> "Refusal":
        """The same without its traceback, to be kept or raised again: an exception holds the frames that it
        went through, and those what was refused."""
        return Refusal(self.code, self.message, self.retry_after_ms)

    @property
    def retryable(self) -> bool:
        return CODES[self.code].retryable

    @property
    def consumes_seq(self) -> bool:
        return CODES[self.code].consumes
