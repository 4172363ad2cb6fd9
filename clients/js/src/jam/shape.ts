/**
 * From plain data to typed values.
 *
 * What travels is what JSON can say; a shape says which of it is meant, fills in what was left out, and drops
 * what it does not know, for a newer server may say more. (Python has msgspec for this.) Knows shapes. Does not
 * know what they are shapes of.
 */

import type { Entry as Members } from "../ot/value.js";
import { isMap } from "../ot/value.js";

/** This is not what it should be, or does not follow on what was before. The message says it in a sentence. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

/** Gives a value back, typed. Throws Misfit. */
export type Shape<T> = (value: unknown) => T;

export type Of<S> = S extends Shape<infer T> ? T : never;

type Fields = { readonly [name: string]: Shape<unknown> };
type Read<F extends Fields> = { readonly [N in keyof F]: Of<F[N]> };

/** A map with these members. Those named in `D` may be left out. */
export interface RecordShape<T, D> extends Shape<T> {
  /** Says nothing at run time. */
  readonly optional?: D;
}

/** What a value of this shape is made from: members with a default may be missing. */
export type Given<S> =
  S extends RecordShape<infer T, infer D>
    ? Omit<T, keyof D> & { readonly [N in keyof D & keyof T]?: T[N] }
    : never;

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

export function flag(value: unknown): boolean {
  return typeof value === "boolean" ? value : misfit("true or false", value);
}

/** A map of anything; whoever asks for a member looks what it is. */
export function members(value: unknown): Members {
  return isMap(value) ? (value as Members) : misfit("a map", value);
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

export function record<F extends Fields, const D extends Partial<Read<F>>>(
  fields: F,
  defaults: D = {} as D,
): RecordShape<Read<F>, D> {
  const shapes = Object.entries(fields);
  return value => {
    const map = { ...defaults, ...members(value) } as { readonly [name: string]: unknown };
    return Object.fromEntries(
      shapes.map(([name, shape]) => {
        // Null is a value; only what is missing has a default.
        if (!Object.hasOwn(map, name)) {
          throw new Misfit(`\`${name}\` is missing.`);
        }
        return [name, shape(map[name])];
      }),
    ) as Read<F>;
  };
}

function misfit(wanted: string, value: unknown): never {
  throw new Misfit(`Expected ${wanted}, and found ${value === null ? "null" : typeof value}.`);
}
