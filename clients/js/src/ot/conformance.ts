/**
 * Our algebra as a filter, to compare any other one with; it speaks the lines of `python -m ot.conformance`.
 *
 * JSON lines in, one JSON line out for each. A line that asks nothing sensible gives `{"error": {"code": …,
 * "message": …}}`, and the filter goes on. Codes are those of OpError, and `request_malformed` and
 * `document_malformed`. Knows requests. Does not know what they are for.
 */

import { apply } from "./apply.js";
import { check, lengthBefore } from "./check.js";
import { compose } from "./compose.js";
import { digest } from "./digest.js";
import type { Document } from "./document.js";
import { invert } from "./invert.js";
import { type Op, OpError } from "./op.js";
import { transform } from "./transform.js";
import { isMap, memberOf } from "./value.js";
import { areMembers, decode, encode } from "./wire.js";

type Request = { readonly [member: string]: unknown };

/** A line that is no request. */
class RequestError extends Error {
  constructor(
    readonly code: "request_malformed" | "document_malformed",
    message: string,
  ) {
    super(message);
  }
}

/** What the filter says to one line; never throws. */
export function answer(line: string): object {
  try {
    return answered(parsed(line));
  } catch (error) {
    if (error instanceof RequestError || error instanceof OpError) {
      return { error: { code: error.code, message: error.message } };
    }
    throw error;
  }
}

/** A document from what JSON made of bytes that anybody may have sent. Throws RequestError. */
export function decodeDocument(wire: unknown): Document {
  const entries = isMap(wire) ? memberOf(wire, "entries") : undefined;
  if (!isMap(wire) || !Array.isArray(entries)) {
    malformedDocument("A document is a map with a list of entries and a map of attributes.");
  }
  const attributes = Object.hasOwn(wire, "attributes") ? wire["attributes"] : {};
  if (!areMembers(attributes)) {
    malformedDocument("Attributes are a map of names to values, none of them null or a float.");
  }
  for (const entry of entries) {
    if (!areMembers(entry)) {
      malformedDocument("An entry is a map of member names to values, none of them null or a float.");
    }
    const uid = memberOf(entry, "uid");
    if (typeof uid !== "string" || uid === "") {
      malformedDocument("An entry has a uid, a string that is not empty.");
    }
  }
  return { entries, attributes };
}

function answered(request: Request): object {
  switch (memberOf(request, "fn")) {
    case "transform":
      return { op: encode(transformed(request)) };
    case "compose": {
      const a = opOf(request, "a");
      const b = opOf(request, "b");
      check(b, check(a, lengthBefore(a.components.length > 0 ? a : b)));
      return { op: encode(compose(a, b)) };
    }
    case "apply": {
      const { document, op } = documentAndOp(request);
      return { doc: apply(document, op) };
    }
    case "invert": {
      const { document, op } = documentAndOp(request);
      return { op: encode(invert(op, document)) };
    }
    case "digest":
      return { digest: digest(decodeDocument(memberOf(request, "doc"))) };
    default:
      throw new RequestError(
        "request_malformed",
        "`fn` is one of transform, compose, apply, invert and digest.",
      );
  }
}

function transformed(request: Request): Op {
  const a = opOf(request, "a");
  const b = opOf(request, "b");
  const side = memberOf(request, "side");
  if (side !== "left" && side !== "right") {
    throw new RequestError("request_malformed", "`side` is left or right.");
  }
  const length = lengthBefore(a.components.length > 0 ? a : b);
  check(a, length);
  check(b, length);
  return transform(a, b, side);
}

function documentAndOp(request: Request): { document: Document; op: Op } {
  const document = decodeDocument(memberOf(request, "doc"));
  const op = opOf(request, "op");
  check(op, document.entries.length);
  return { document, op };
}

function opOf(request: Request, name: string): Op {
  return decode(memberOf(request, name));
}

function parsed(line: string): Request {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    throw new RequestError("request_malformed", "The line is not JSON.");
  }
  if (!isMap(request)) {
    throw new RequestError("request_malformed", "A request is a map with `fn` and its arguments.");
  }
  return request;
}

function malformedDocument(message: string): never {
  throw new RequestError("document_malformed", message);
}
