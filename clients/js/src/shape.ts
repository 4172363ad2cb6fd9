/**
 * From plain data to typed values.
 *
 * What travels is plain data, which anybody may have sent; a shape says what is meant, fills in what was left out,
 * and drops what it does not know, for a newer server may say more. Past it the types are true. (Python has msgspec
 * for this.) Knows shapes. Does not know what they are shapes of, nor how deep or long values may be.
 */

import type { Entry as Members } from "./ot/value.js";
import { isMap, memberOf } from "./ot/value.js";

/** This is not what it should be, or does not follow on what was before. The message says it in a sentence. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

/** Gives a value back, typed. Throws Misfit. */
export type Shape<T> = (value: unknown) => T;

export type Of<S> = S extends Shape<infer T> ? T : never;

/**
 * One member of a map: a shape, or `named(…)`, if it must be there; else what stands for it where it is missing, a
 * plain value or `or(…)`.
 */
export type Field = Shape<unknown> | Named<unknown> | Optional<unknown> | string | number | boolean;
export type Fields = { readonly [name: string]: Field };

export interface Named<T> {
  readonly shape: Shape<T>;
  readonly wire: string;
}

export interface Optional<T> {
  readonly shape: Shape<T>;
  readonly missing: T;
}

type Member<F> =
  F extends Shape<infer T>
    ? T
    : F extends { readonly shape: Shape<infer T> }
      ? T
      : F extends string
        ? string
        : F extends number
          ? number
          : boolean;
/** What a map with these members is read as. */
export type Read<F> = { readonly [N in keyof F]: Member<F[N]> };
/** What such a map is made from: members that may be missing may be left out. */
export type Given<F> = {
  readonly [N in keyof F as F[N] extends Needed ? N : never]: Member<F[N]>;
} & {
  readonly [N in keyof F as F[N] extends Needed ? never : N]?: Member<F[N]>;
};
type Needed = Shape<unknown> | Named<unknown>;

export function text(value: unknown): string {
  return typeof value === "string" ? value : misfit("text", value);
}

/** An integer that a double holds exactly. */
export function whole(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : misfit("a whole number", value);
}

/** One that may be divided by. */
export function positive(value: unknown): number {
  return whole(value) > 0 ? (value as number) : misfit("a whole number above 0", value);
}

/** How many there are. */
export function count(value: unknown): number {
  return whole(value) >= 0 ? (value as number) : misfit("a whole number from 0", value);
}

export function flag(value: unknown): boolean {
  return typeof value === "boolean" ? value : misfit("true or false", value);
}

/** In MessagePack; JSON has none. */
export function bytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : misfit("bytes", value);
}

/** A map of anything; whoever asks for a member looks what it is. */
export function members(value: unknown): Members {
  return isMap(value) && !(value instanceof Uint8Array) ? (value as Members) : misfit("a map", value);
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return value => (value === null ? null : shape(value));
}

export function oneOf<const T extends string>(...names: readonly T[]): Shape<T> {
  return value => (names.includes(value as T) ? (value as T) : misfit(`one of ${names.join(", ")}`, value));
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return value => (Array.isArray(value) ? value.map(shape) : misfit("a list", value));
}

/** A map from names that anybody chose. */
export function mapOf<T>(shape: Shape<T>): Shape<{ readonly [id: string]: T }> {
  return value => Object.fromEntries(Object.entries(members(value)).map(([id, item]) => [id, shape(item)]));
}

/** A list of two. Of a longer one the rest is dropped, as unknown members of a map are. */
export function pairOf<A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> {
  return value => (Array.isArray(value) ? [first(value[0]), second(value[1])] : misfit("a list", value));
}

/** A member of this shape that may be missing. */
export function or<S extends Shape<unknown>>(shape: S, missing: Of<S>): Optional<Of<S>> {
  return { shape: shape as Shape<Of<S>>, missing };
}

/** A member that must be there, under a name that means something else here. */
export function named<T>(wire: string, shape: Shape<T>): Named<T> {
  return { shape, wire };
}

/** A map with these members; of others nothing is kept. */
export function record<const F extends Fields>(fields: F): Shape<Read<F>> {
  const readers = Object.entries(fields).map(([name, field]) => [name, readerOf(name, field)] as const);
  return value => {
    const map = members(value);
    return Object.fromEntries(readers.map(([name, read]) => [name, read(map)])) as Read<F>;
  };
}

/** One of several maps; which one, its member `tag` says. All have the members of `root`, too. */
export function tagged(
  tag: string,
  kinds: { readonly [name: string]: Fields },
  root: Fields = {},
): Shape<unknown> {
  return value => {
    const name = text(memberOf(members(value), tag));
    const fields = memberOf(kinds, name) ?? misfit(`a known \`${tag}\``, name);
    return record({ [tag]: text, ...root, ...fields })(value);
  };
}

function readerOf(name: string, field: Field): (map: Members) => unknown {
  const { shape, wire = name, ...rest } = explicit(field);
  return map => {
    if (!Object.hasOwn(map, wire)) {
      return "missing" in rest ? rest.missing : misfit(`\`${wire}\``, undefined);
    }
    try {
      return shape(map[wire]);
    } catch (error) {
      throw error instanceof Misfit ? new Misfit(`${wire}: ${error.message}`) : error;
    }
  };
}

function explicit(field: Field): { shape: Shape<unknown>; wire?: string; missing?: unknown } {
  switch (typeof field) {
    case "function":
      return { shape: field };
    case "string":
      return or(text, field);
    case "number":
      return or(whole, field);
    case "boolean":
      return or(flag, field);
    default:
      return field;
  }
}

export function misfit(wanted: string, value: unknown): never {
  throw new Misfit(`Expected ${wanted}, and found ${value === null ? "null" : typeof value}.`);
}
