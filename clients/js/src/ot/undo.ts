/**
 * What somebody did, so that they can take it back.
 *
 *     · ◄──i1── · ◄──i2── · ◄──i3── now          Each deed is the inverse of own edits, written for the list
 *               r1        r2        r3           that the next deed leads to. What others did since a deed is
 *                                                carried by that deed alone (lazily: r3 belongs to i3), and
 *     handed down to the deed below when the upper one is taken. The stored op is the EARLIER party of the two,
 *     so later decisions of others stand; what others did is therefore composed rightmost (see `mirror`).
 *
 * Deeds made within a short time form a step, and steps are taken back as a whole. Redo is the same thing the
 * other way: its deeds are made when undo happens. An entry that somebody else removed does not come back, and
 * neither does one that stands in the list already. Knows lists and ops. Does not know what is sent, nor which
 * uid a restored entry gets: that is the engine's.
 */

import { inserted } from "./apply.js";
import type { Document } from "./document.js";
import { uidOf } from "./document.js";
import { invert } from "./invert.js";
import { isIdentity, type Op } from "./op.js";
import { UndoSteps } from "./undo-steps.js";

export type Direction = "undo" | "redo";

/** More steps than anybody remembers having done. */
export const STEPS_MAX = 100;
/** Two edits within this time are one step: what is done faster was one intention (Yjs waits as long). */
export const STEP_MS = 500;
const RESTORABLE_MIN = 1_000;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * One person's steps on one document. `take` gives the op that takes a step back; the caller applies it and
 * says `took`, or `giveBack` if it could not.
 */
export class UndoStack {
  readonly #stacks: { readonly [direction in Direction]: UndoSteps };
  /** When the newest step last grew; null: the next edit begins a new one. */
  #lastMs: number | null = null;
  /**
   * Uids of entries that a deed would bring back, and perhaps some that none would bring back any more; gathered
   * anew when it has grown.
   */
  #restorable = new Set<string>();
  #restorableMax = RESTORABLE_MIN;

  constructor(
    stepsMax = STEPS_MAX,
    readonly stepMs = STEP_MS,
  ) {
    this.#stacks = { undo: new UndoSteps(stepsMax), redo: new UndoSteps(stepsMax) };
  }

  /**
   * An own edit, made on `before`, the visible list, at `nowMs` of any clock; null: a step of its own.
   *
   * What was undone before cannot be redone any more.
   */
  record(op: Op, before: Document, nowMs: number | null = null): void {
    this.#stacks.redo.clear();
    const lastMs = this.#lastMs;
    this.#lastMs = nowMs;
    const joins = lastMs !== null && nowMs !== null && nowMs - lastMs >= 0 && nowMs - lastMs <= this.stepMs;
    this.#push("undo", invert(op, before), joins);
  }

  /** Forgets everything. */
  clear(): void {
    this.#stacks.undo.clear();
    this.#stacks.redo.clear();
    this.#restorable.clear();
    this.#lastMs = null;
  }

  /** The next edit begins a new step, however soon it comes. */
  endStep(): void {
    this.#lastMs = null;
  }

  /**
   * The visible list changed by `visible` to `document`, and not by an own edit. Others removed the entries with
   * the uids `gone`, seen or not: who removed one of them as well, a moment too late, may not restore it. What
   * stands again (a removal was refused, or taken back by others) is not restored beside itself.
   */
  carry(visible: Op, document: Document, gone: ReadonlySet<string> = NOBODY): void {
    if (!isIdentity(visible)) {
      this.#stacks.undo.carry(visible);
      this.#stacks.redo.carry(visible);
    }
    const settled = new Set(
      [...gone, ...inserted(visible).map(uidOf)].filter(uid => this.#restorable.has(uid)),
    );
    if (settled.size > 0) {
      this.#stacks.undo.leaveOut(settled, document);
      this.#stacks.redo.leaveOut(settled, document);
    }
  }

  /** Whether anything of `document`, the visible list, would change. */
  can(direction: Direction, document: Document): boolean {
    return !isIdentity(this.#stacks[direction].next(document));
  }

  /**
   * The op that takes the newest step back, for `document`, the visible list; identity if none.
   *
   * What it inserts bears the uids of old. The step is no longer here.
   */
  take(direction: Direction, document: Document): Op {
    this.#lastMs = null;
    return this.#stacks[direction].take(document);
  }

  /** `op`, as `take` gave it, was applied to `document`: its inverse is a step the other way. */
  took(direction: Direction, op: Op, document: Document): void {
    this.#push(direction === "undo" ? "redo" : "undo", invert(op, document), false);
  }

  /** `op`, as `take` gave it, was not applied. */
  giveBack(direction: Direction, op: Op): void {
    this.#push(direction, op, false);
  }

  #push(direction: Direction, inverse: Op, joins: boolean): void {
    this.#stacks[direction].push(inverse, joins);
    for (const entry of inserted(inverse)) {
      this.#restorable.add(uidOf(entry));
    }
    if (this.#restorable.size > this.#restorableMax) {
      this.#restorable = new Set([...this.#stacks.undo.restorable(), ...this.#stacks.redo.restorable()]);
      this.#restorableMax = RESTORABLE_MIN + 2 * this.#restorable.size;
    }
  }
}
