/** A program with a socket of its own, that has nothing but the entry `core`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeServer, encodeMessage, frames, insertAt, json, Link, makeEntry } from "../src/core.js";
import { CLIENT, FRIDAY, opened, welcome } from "./session.js";

test("an edit is made, sent and durable", () => {
  const link = new Link(CLIENT);
  const sent = () =>
    frames(
      link.outgoing(0).map(message => encodeMessage(message, json)),
      json,
    );
  const said = (...messages: readonly object[]) =>
    decodeServer(JSON.stringify(messages), json).messages.flatMap(message => link.receive(message, 0));

  link.connected("token");
  assert.match(String(sent()), /"hello"/);
  said(welcome());
  const [playlist] = link.enter(FRIDAY);
  assert.match(String(sent()), /"open"/);
  said(opened(FRIDAY));

  playlist.edit(insertAt(0, 0, [makeEntry({ track: "demo:1" }, playlist.takeUid(), playlist.user, 1)]));
  assert.equal(playlist.document.entries.length, 1);
  const [{ op }] = JSON.parse(String(sent()));
  assert.match(JSON.stringify(op), /demo:1/);
  assert.equal(playlist.status, "sent");
  said({ type: "ops", room: FRIDAY, ops: [[1, CLIENT, 1, "ann", op]] });
  assert.equal(playlist.status, "durable");
});
