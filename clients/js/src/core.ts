/**
 * The pure core: playlists without a socket, a timer or a page.
 *
 *     const link = new Link(clientId); // 22 symbols of base62, new for each client
 *     link.connected(token);
 *     // … for each frame that the socket gives, and whenever `getTimer` says so:
 *     for (const message of decodeServer(frame, json).messages) {
 *       link.receive(message, nowMs); // the events say what happened
 *     }
 *     for (const frame of frames(link.outgoing(nowMs).map(message => encodeMessage(message, json)), json)) {
 *       socket.send(frame);
 *     }
 *     // … and after the first welcome:
 *     const [playlist, roster] = link.enter(playlistId);
 *     playlist.edit(removeRange(playlist.document.entries.length, 0));
 *
 * For whoever brings sockets and clocks of their own: a server-side renderer, a worker, a simulation. What comes as
 * `part` messages an `Assembler` puts together. Everybody else wants `connect`.
 */

export * from "./errors.js";
export type { ReplicaEvent } from "./events.js";
export { Link, type LinkOptions } from "./link.js";
export type {
  InRoom,
  LinkEvent,
  MembersChanged,
  MoveWanted,
  TimeSet,
  TokenWanted,
  Welcomed,
} from "./link-events.js";
export { apply } from "./ot/apply.js";
export {
  diff,
  insertAt,
  moveRange,
  permute,
  removeRange,
  setAttribute,
  setField,
} from "./ot/build.js";
export { Engine } from "./ot/client.js";
export { compose } from "./ot/compose.js";
export { follow } from "./ot/cursor.js";
export { type Document, EMPTY } from "./ot/document.js";
export { invert } from "./ot/invert.js";
export { IDENTITY, isIdentity, type Op, OpError } from "./ot/op.js";
export { type Side, transform } from "./ot/transform.js";
export type { Edits, Entry, Value } from "./ot/value.js";
export { decode, encode } from "./ot/wire.js";
export type { PlaylistReplica } from "./playlist-replica.js";
export type { Roster } from "./roster.js";
export { makeEntry, type Track } from "./tracks.js";
export {
  Assembler,
  type Decoded,
  decodeAssembled,
  decodeServer,
  encodeMessage,
  frames,
} from "./wire/codec.js";
export type { Encoding, Payload } from "./wire/encoding.js";
export { json } from "./wire/json.js";
export type {
  Ack,
  ClientMessage,
  Digest,
  Drain,
  Goodbye,
  Hello,
  Leave,
  Member,
  Open,
  Opened,
  Ops,
  Outcome,
  Part,
  Presence,
  Probe,
  Refresh,
  RefreshSoon,
  Refused,
  RoleChanged,
  Row,
  ServerMessage,
  SetPresence,
  Snapshot,
  Submit,
  Time,
  Welcome,
} from "./wire/messages.js";
