/**
 * What a value should look like.
 *
 * A shape turns a plain value, which anybody may have sent, into a typed one or says what is wrong with it; that of
 * a map has one for each field, and fills in what was left out. Past it the types are true. Knows kinds of values.
 * Does not know what they mean, nor how deep or long they may be.
 */

import type { Body } from "./messages.js";

/** What a value should have been; `codec` makes a BadMessage of it. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

export type Shape<T> = (value: unknown) => T;
/** With a `missing`, the field may be left out; with a `wire`, that is its name there. */
export type Field<T> = { readonly shape: Shape<T>; readonly missing?: T; readonly wire?: string };
export type Fields<T> = { readonly [F in keyof T]-?: Field<T[F]> };

export const text: Shape<string> = value => (typeof value === "string" ? value : misfit("text"));
export const integer: Shape<number> = value =>
  Number.isSafeInteger(value) ? (value as number) : misfit("an integer");
export const count: Shape<number> = value =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : misfit("an integer that is not negative");
export const several: Shape<number> = value =>
  Number.isSafeInteger(value) && (value as number) >= 1 ? (value as number) : misfit("an integer from 1");
export const flag: Shape<boolean> = value => (typeof value === "boolean" ? value : misfit("true or false"));
export const bytes: Shape<Uint8Array> = value => (value instanceof Uint8Array ? value : misfit("bytes"));
export const body: Shape<Body> = value =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? (value as Body)
    : misfit("a map");

export function needed<T>(shape: Shape<T>): Field<T> {
  return { shape };
}

/** A field that is there, under a name that means something else here. */
export function named<T>(wire: string, shape: Shape<T>): Field<T> {
  return { shape, wire };
}

export function optional<T>(shape: Shape<T>, missing: T): Field<T> {
  return { shape, missing };
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return value => (Array.isArray(value) ? value.map(shape) : misfit("a list"));
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return value => (value === null ? null : shape(value));
}

export function mapOf<T>(shape: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return value =>
    Object.fromEntries(Object.entries(body(value)).map(([name, member]) => [name, shape(member)]));
}

export function record<T>(fields: Fields<T>): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return value => {
    const map = body(value);
    return Object.fromEntries(
      names.map(name => [name, readField(map, fields[name].wire ?? name, fields[name])]),
    ) as T;
  };
}

function readField<T>(map: Body, name: string, field: Field<T>): T {
  if (!Object.hasOwn(map, name)) {
    if (!("missing" in field)) {
      throw new Misfit(`${name} is not there`);
    }
    return field.missing as T;
  }
  try {
    return field.shape(map[name]);
  } catch (error) {
    throw error instanceof Misfit ? new Misfit(`${name}: ${error.message}`) : error;
  }
}

export function misfit(wanted: string): never {
  throw new Misfit(`this is not ${wanted}`);
}
