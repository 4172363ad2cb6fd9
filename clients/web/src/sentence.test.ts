import { ConnectionRefused, InvalidEdit, Unreachable } from "@tutti/client";
import { expect, test } from "vitest";
import { sentenceOf } from "./sentence.js";
import { STRINGS } from "./strings.js";

test("what the SDK says is said, but for addresses", () => {
  expect(sentenceOf(new InvalidEdit("name_invalid", "This name is too long."))).toBe(
    "This name is too long.",
  );
  expect(sentenceOf(new ConnectionRefused("banned", "You are banned here."))).toBe("You are banned here.");
  const unreachable = new Unreachable("unreachable", "wss://192.168.1.4:8300/v1/socket: no answer");
  expect(sentenceOf(unreachable)).toBe(STRINGS.unreachable);
});

test("a fault of this program is no sentence", () => {
  expect(() => sentenceOf(new TypeError("x is undefined"))).toThrow(TypeError);
});
