/**
 * An op under construction, kept in normal form: no component empty, neighbours merged.
 *
 * Equality of normal forms is equality of lists of components, so two clients that build the same change build
 * the same bytes. Knows components. Does not know where they come from.
 */

import { type Component, drop, insert, keep, NO_COMPONENTS, type Op, pick, remove, sameEdits } from "./op.js";
import { type Edits, type Entry, isEmpty } from "./value.js";

/** Takes components from left to right. */
export class Builder {
  readonly #components: Component[] = [];
  /** The insert under construction. Joining lists instead would be quadratic in a run of small inserts. */
  #entries: Entry[] = [];

  keep(n: number, edits: Edits | null = null): void {
    if (n === 0) {
      return;
    }
    const last = this.#last();
    if (last !== undefined && last.kind === "keep" && sameEdits(last.edits, edits)) {
      this.#replaceLast(keep(last.n + n, last.edits));
    } else {
      this.#components.push(keep(n, orNull(edits)));
    }
  }

  remove(n: number): void {
    if (n === 0) {
      return;
    }
    const last = this.#last();
    if (last !== undefined && last.kind === "remove") {
      this.#replaceLast(remove(last.n + n));
    } else {
      this.#components.push(remove(n));
    }
  }

  pick(n: number, edits: Edits | null = null): void {
    if (n === 0) {
      return;
    }
    const last = this.#last();
    if (last !== undefined && last.kind === "pick" && sameEdits(last.edits, edits)) {
      this.#replaceLast(pick(last.n + n, last.edits));
    } else {
      this.#components.push(pick(n, orNull(edits)));
    }
  }

  insert(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
    }
  }

  drop(start: number, n: number): void {
    if (n === 0) {
      return;
    }
    const last = this.#last();
    if (last !== undefined && last.kind === "drop" && last.start + last.n === start) {
      this.#replaceLast(drop(last.start, last.n + n));
    } else {
      this.#components.push(drop(start, n));
    }
  }

  /** Any component, as it stands. */
  add(component: Component): void {
    switch (component.kind) {
      case "keep":
        this.keep(component.n, component.edits);
        break;
      case "remove":
        this.remove(component.n);
        break;
      case "pick":
        this.pick(component.n, component.edits);
        break;
      case "insert":
        this.insert(component.entries);
        break;
      case "drop":
        this.drop(component.start, component.n);
        break;
    }
  }

  /** What was taken; empty if that is one plain keep. Nothing is added afterwards. */
  components(): readonly Component[] {
    const last = this.#last();
    const isPlain = this.#components.length === 1 && last?.kind === "keep" && last.edits === null;
    return isPlain ? NO_COMPONENTS : this.#components;
  }

  /** What was taken, with these attributes. */
  op(attributes: Op["attributes"] = {}): Op {
    return { components: this.components(), attributes };
  }

  #last(): Component | undefined {
    if (this.#entries.length > 0) {
      this.#components.push(insert(this.#entries));
      this.#entries = [];
    }
    return this.#components[this.#components.length - 1];
  }

  #replaceLast(component: Component): void {
    this.#components[this.#components.length - 1] = component;
  }
}

function orNull(edits: Edits | null): Edits | null {
  return edits === null || isEmpty(edits) ? null : edits;
}
