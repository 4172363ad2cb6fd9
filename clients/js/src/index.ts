/**
 * The JavaScript SDK of Tutti. So far the algebra of playlists and the engine of one replica; connection, Jams
 * and storage follow.
 */

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
export { check } from "./ot/check.js";
export { Diverged, Engine, type Inflight } from "./ot/client.js";
export type { Names } from "./ot/comeback.js";
export { compose, composeAll } from "./ot/compose.js";
export { follow } from "./ot/cursor.js";
export { Digester, digest } from "./ot/digest.js";
export { type Document, EMPTY } from "./ot/document.js";
export { invert } from "./ot/invert.js";
export { IDENTITY, isIdentity, type Op, OpError } from "./ot/op.js";
export { type Side, transform } from "./ot/transform.js";
export { type Direction, UndoStack } from "./ot/undo.js";
export type { Edits, Entry, Value } from "./ot/value.js";
export { decode, encode } from "./ot/wire.js";
