/**
 * What can travel on the wire.
 *
 * Every message of protocol v1, once, as an immutable value with the names that the wire uses; `codec` turns
 * frames into these and back. `time`, `presence`, `refresh` and `part` go both ways, under two names. Knows
 * shapes and limits. Does not know encodings, sockets, or what an op means: `op` and `state` are maps that the
 * document's kind reads. What has a default is always there once it was read, and left out when it is sent.
 */

/** Past the codec nobody looks inside these except the kind that owns them. */
export type Body = { readonly [member: string]: unknown };

export const PROTOCOL_MSGPACK = "tutti.v1.msgpack";
export const PROTOCOL_JSON = "tutti.v1.json";

export const FRAME_BYTES_MAX = 64 * 1024;
export const PART_BYTES_MAX = 48 * 1024;
export const SUBMISSION_BYTES_MAX = 4 * 1024 * 1024;
export const PRESENCE_BYTES_MAX = 1024;

/**
 * One committed op as everybody in the room gets it; on the wire `[version, client, seq, author, op, count]`.
 *
 * `count` is how many versions the row covers: 1, or more for ops composed while catching up; then `client`
 * and `author` are empty, `seq` is 0, and `version` is the last one covered.
 */
export interface Row {
  readonly version: number;
  readonly client: string;
  readonly seq: number;
  readonly author: string;
  readonly op: Body;
  readonly count: number;
}

/** How the last submission of the client that asks ended: a version, or the code of its refusal. */
export interface Outcome {
  readonly seq: number;
  readonly version: number | null;
  readonly code: string;
}

/** State of a document, as its kind writes it, at the version of the message that carries it. */
export interface Snapshot {
  readonly state: Body;
}

/** One connection in a room. `id` is unique in the room; `counter` grows with each change of `state`. */
export interface Member {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly counter: number;
  readonly state: Body;
}

// -- from clients -----------------------------------------------------------------------------------------

/** First message on a socket, within 10 s. `client` is the client id under which seqs are counted. */
export interface Hello {
  readonly type: "hello";
  readonly token: string;
  readonly client: string;
  readonly sdk: string;
}

export function hello(token: string, client: string, sdk = ""): Hello {
  return { type: "hello", token, client, sdk };
}

/**
 * Enter a room. With `epoch` and `version` the server sends what is missing; without, a snapshot. `inflight`
 * is the seq of the submission that was sent and never answered, 0 for none.
 */
export interface Open {
  readonly type: "open";
  readonly room: string;
  readonly epoch: string;
  readonly version: number;
  readonly inflight: number;
}

export function open(room: string, epoch = "", version = -1, inflight = 0): Open {
  return { type: "open", room, epoch, version, inflight };
}

/** Leave a room; what was submitted is still decided. */
export interface Leave {
  readonly type: "leave";
  readonly room: string;
}

export function leave(room: string): Leave {
  return { type: "leave", room };
}

/** One op, written against version `base`. (room, client id, seq) names it for ever. */
export interface Submit {
  readonly type: "submit";
  readonly room: string;
  readonly seq: number;
  readonly base: number;
  readonly op: Body;
}

export function submit(room: string, seq: number, base: number, op: Body): Submit {
  return { type: "submit", room, seq, base, op };
}

/** Replaces what others see of this connection in the room. An older `counter` is ignored. */
export interface SetPresence {
  readonly type: "presence";
  readonly room: string;
  readonly counter: number;
  readonly state: Body;
}

export function setPresence(room: string, counter: number, state: Body): SetPresence {
  return { type: "presence", room, counter, state };
}

/** Asks for the server's time; `t0` is the client's own, in µs, and comes back untouched. */
export interface Probe {
  readonly type: "time";
  readonly t0: number;
}

export function probe(t0: number): Probe {
  return { type: "time", t0 };
}

/** A new token of the same user, before the old one ends. */
export interface Refresh {
  readonly type: "refresh";
  readonly token: string;
}

export function refresh(token: string): Refresh {
  return { type: "refresh", token };
}

/**
 * A piece of a frame that is larger than frames may be. Its pieces come in order, the last one marked; other
 * messages may come between them, other parts not. In JSON `data` is base64 (RFC 4648).
 */
export interface Part {
  readonly type: "part";
  readonly data: Uint8Array;
  readonly last: boolean;
}

export function part(data: Uint8Array, last: boolean): Part {
  return { type: "part", data, last };
}

/** What a client sends. */
export type ClientMessage = Hello | Open | Leave | Submit | SetPresence | Probe | Refresh | Part;

// -- from the server --------------------------------------------------------------------------------------

/** The session stands. `limits` are numbers by name; times in ms, `time_us` in µs. */
export interface Welcome {
  readonly type: "welcome";
  readonly user: string;
  readonly name: string;
  readonly connection: string;
  readonly limits: { readonly [name: string]: number };
  readonly heartbeat_ms: number;
  readonly time_us: number;
  readonly retry_base_ms: number;
  readonly retry_cap_ms: number;
  readonly token_expires_ms: number;
  readonly server: string;
}

/**
 * The room is open at `version`. Either `ops` lead there from the version that the client has, or `snapshot`
 * is the state; `reason` says why: `fresh`, `resumed`, `epoch`, `behind` or `gone`.
 *
 * `settled` is the outcome of this client id's last submission here, if there was one. `total` is how many
 * connections are in the room if that is more than are named in `members`; else 0.
 */
export interface Opened {
  readonly type: "opened";
  readonly room: string;
  readonly kind: string;
  readonly epoch: string;
  readonly version: number;
  readonly role: string;
  readonly reason: string;
  readonly ops: readonly Row[];
  readonly snapshot: Snapshot | null;
  readonly settled: Outcome | null;
  readonly members: readonly Member[];
  readonly total: number;
}

/** Committed ops in version order, to everyone in the room; to its author an op here is its ack. */
export interface Ops {
  readonly type: "ops";
  readonly room: string;
  readonly ops: readonly Row[];
}

/** Answers a resend, or a submission that changed nothing: it stands as of `version`. */
export interface Ack {
  readonly type: "ack";
  readonly room: string;
  readonly seq: number;
  readonly version: number;
}

/**
 * `seq` 0: the `open` was refused. Retryable: nothing changed, send the same bytes again after
 * `retry_after_ms`. Otherwise the seq is consumed, except where the code is about the seq itself.
 */
export interface Refused {
  readonly type: "refused";
  readonly room: string;
  readonly seq: number;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms: number;
}

/**
 * Who changed, and who left (member ids). In a room of more than a hundred, those who show nothing need not be
 * named: then `total` is how many connections are there in all, to within a 20th; else it is 0.
 */
export interface Presence {
  readonly type: "presence";
  readonly room: string;
  readonly members: readonly Member[];
  readonly left: readonly string[];
  readonly total: number;
}

/** The user's role in the room from now on; empty: they are out, and the room is closed to them. */
export interface RoleChanged {
  readonly type: "role";
  readonly room: string;
  readonly role: string;
}

/** The state at `version` has this digest; a client that differs opens the room anew without a version. */
export interface Digest {
  readonly type: "digest";
  readonly room: string;
  readonly version: number;
  readonly digest: string;
}

/** µs of the server's clock: `t1` on receipt of the probe, `t2` just before this was written. */
export interface Time {
  readonly type: "time";
  readonly t0: number;
  readonly t1: number;
  readonly t2: number;
}

/** This node is about to stop: connect elsewhere (or again) after `after_ms`, and keep what you have. */
export interface Drain {
  readonly type: "drain";
  readonly after_ms: number;
}

/** Why the socket is about to be closed, and when to come back (0: at once; see the close code). */
export interface Goodbye {
  readonly type: "goodbye";
  readonly code: string;
  readonly message: string;
  readonly retry_after_ms: number;
}

/** The token ends in `within_ms`; send `refresh`. */
export interface RefreshSoon {
  readonly type: "refresh";
  readonly within_ms: number;
}

/** What a server sends. */
export type ServerMessage =
  | Welcome
  | Opened
  | Ops
  | Ack
  | Refused
  | Presence
  | RoleChanged
  | Digest
  | Time
  | Drain
  | Goodbye
  | RefreshSoon
  | Part;
