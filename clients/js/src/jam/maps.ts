/**
 * Maps by id, as immutable values.
 *
 * Ids are anybody's words, `__proto__` among them: members are asked for as own ones, and set by spreading, which
 * defines a member and never calls a setter.
 */

import { memberOf } from "../ot/value.js";
import { Misfit } from "../shape.js";

export type ById<T> = { readonly [id: string]: T };

/** What an event says must be there. Throws Misfit. */
export function found<T>(map: ById<T>, id: string): T {
  const value = memberOf(map, id);
  if (value === undefined) {
    throw new Misfit(`There is no ${id} here.`);
  }
  return value;
}

/** A new map with one member set. */
export function put<T>(map: ById<T>, id: string, value: T): ById<T> {
  return { ...map, [id]: value };
}

export function without<T>(map: ById<T>, id: string): ById<T> {
  const { [id]: _, ...others } = map;
  return others;
}

/** A new map of those that are wanted. */
export function having<T>(map: ById<T>, isWanted: (value: T, id: string) => boolean): ById<T> {
  return Object.fromEntries(Object.entries(map).filter(([id, value]) => isWanted(value, id)));
}

/** The same ids with other values; `undefined` leaves one out. */
export function mapped<T>(map: ById<T>, change: (value: T, id: string) => T): ById<T> {
  return Object.fromEntries(Object.entries(map).map(([id, value]) => [id, change(value, id)]));
}

export function count<T>(map: ById<T>, isCounted: (value: T) => boolean): number {
  return Object.values(map).filter(isCounted).length;
}
