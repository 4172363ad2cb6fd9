/**
 * An op read from right to left.
 *
 * `compose` puts what the second op produces in place of what the first took away leftmost, which suits a later
 * third party (law L). For an earlier one the opposite suits:
 *
 *     T(c, rightmost(a, b), left) == T(T(c, a, left), b, left)
 *
 * to the letter, and composing mirrored ops gives it: `rightmost(a, b)` is the mirror of `compose(mirror(a),
 * mirror(b))`. Knows components. Does not know why somebody wants it: that is `undo`.
 */

import { type Component, drop, insert, makeOp, type Op } from "./op.js";

/** What `op` does to a list, for the reversed list. Its own inverse; normal forms stay so. */
export function mirror(op: Op): Op {
  const picks = op.components.reduce((sum, part) => (part.kind === "pick" ? sum + part.n : sum), 0);
  return makeOp(op.components.map(component => mirrored(component, picks)).reverse(), op.attributes);
}

function mirrored(component: Component, picks: number): Component {
  switch (component.kind) {
    case "insert":
      return insert(component.entries.slice().reverse());
    case "drop":
      return drop(picks - component.start - component.n, component.n);
    default:
      return component;
  }
}
