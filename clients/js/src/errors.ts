/**
 * What the SDK throws, by who has to act.
 *
 *     TuttiError (wire/errors)
 *     ├── CallerError          our interface misused: thrown at once, nothing changed
 *     │   ├── ReadOnly             the role on this playlist does not allow edits
 *     │   ├── InvalidEdit          the playlist's table of fields does not allow this
 *     │   ├── QueueFull            too much waits to be acknowledged; nothing that waits is lost
 *     │   └── UnsavedEdits         closing now would lose edits
 *     └── ClientError          the server, or the way to it, said no
 *         ├── Unreachable          no answer within the time that the caller gave
 *         ├── ConnectionRefused    the server closed the session and will not have it back unchanged
 *         ├── RequestRefused       an HTTP request (guest, token) was refused
 *         ├── PlaylistClosed       the playlist is gone, or not for this user (any more)
 *         ├── JamClosed            the Jam is over, or not for this user (any more)
 *         ├── AwaitingApproval     the host of the Jam has to let us in first
 *         ├── CommandRefused       a command was refused; it changed nothing
 *         ├── EditsRefused         edits were refused and taken out; they are handed back with the reason
 *         ├── NoSound              this page, or this machine, has no output to play on
 *         └── StoreFailed          the storage in which this device keeps unsaved edits cannot be used
 *             └── StoreInUse           another program uses it
 */

import { IDENTITY, type Op } from "./ot/op.js";
import { CallerError, TuttiError } from "./wire/errors.js";

export { CallerError, TuttiError } from "./wire/errors.js";

/** A viewer cannot edit. */
export class ReadOnly extends CallerError {
  override readonly name: string = "ReadOnly";
}

/** The server would refuse this edit with `code`; it was not made. */
export class InvalidEdit extends CallerError {
  override readonly name: string = "InvalidEdit";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Too many edits wait to be acknowledged. Everything queued is kept; go online, or edit less. */
export class QueueFull extends CallerError {
  override readonly name: string = "QueueFull";
}

/** Closing now would lose edits: wait for `saved()`, or say that they may go. */
export class UnsavedEdits extends CallerError {
  override readonly name: string = "UnsavedEdits";
}

/** Root of what the server, or the way to it, brings about. `code` is stable, `message` a sentence. */
export class ClientError extends TuttiError {
  override readonly name: string = "ClientError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** No answer within the time that the caller gave. */
export class Unreachable extends ClientError {
  override readonly name: string = "Unreachable";
}

/** The server ended the session and said not to come back unchanged (close codes 4000–4099). */
export class ConnectionRefused extends ClientError {
  override readonly name: string = "ConnectionRefused";
}

/** An HTTP request was refused with `status`. */
export class RequestRefused extends ClientError {
  override readonly name: string = "RequestRefused";

  constructor(
    readonly status: number,
    code: string,
    message: string,
  ) {
    super(code, message);
  }
}

/**
 * The playlist does not exist, or this user may not see it (any more). `op` is what was not saved, written for
 * the last acknowledged list; identity if nothing was.
 */
export class PlaylistClosed extends ClientError {
  override readonly name: string = "PlaylistClosed";

  constructor(
    code: string,
    message: string,
    readonly op: Op = IDENTITY,
  ) {
    super(code, message);
  }
}

/** The Jam does not exist, or this user may not see it (any more). Commands that waited were refused. */
export class JamClosed extends ClientError {
  override readonly name: string = "JamClosed";
}

/** The key fits, and the host of Jam `jam` has to let us in: `Tutti.admitted` waits for it. */
export class AwaitingApproval extends ClientError {
  override readonly name: string = "AwaitingApproval";

  constructor(readonly jam: string) {
    super("awaiting_approval", "The host has to let you in first.");
  }
}

/** A command was refused and changed nothing. With `retryAfterMs` above 0 the same might be taken then. */
export class CommandRefused extends ClientError {
  override readonly name: string = "CommandRefused";

  constructor(
    code: string,
    message: string,
    readonly retryAfterMs = 0,
  ) {
    super(code, message);
  }
}

/** Edits were refused for good and taken out of the list; all else lives on. `op` is what was refused. */
export class EditsRefused extends ClientError {
  override readonly name: string = "EditsRefused";

  constructor(
    code: string,
    message: string,
    readonly op: Op,
  ) {
    super(code, message);
  }
}

/** There is no output to play on; everything else works. */
export class NoSound extends ClientError {
  override readonly name: string = "NoSound";
}

/**
 * The storage given as `offline` cannot be used (any more): denied, damaged, not ours, or full. What it holds
 * stays as it is; no edit is made that could not be kept.
 */
export class StoreFailed extends ClientError {
  override readonly name: string = "StoreFailed";
}

/** Another program, or another client in this one, has the storage open. */
export class StoreInUse extends StoreFailed {
  override readonly name: string = "StoreInUse";
}
