import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./voice.js";

test.each([
  ["Ada", "A"],
  ["Ada Lovelace", "AL"],
  ["  grace   brewster murray hopper ", "GH"],
  ["élodie", "É"],
  ["👩‍🎤 Bowie", "👩‍🎤B"],
  ["", "?"],
])("the initials of '%s' are %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test("somebody has one hue, and people have several", () => {
  const ids = Array.from({ length: 40 }, (_, number) => `4mXk0a9Vb2Qz7RtYpLw${number}`);
  expect(ids.map(hueOf)).toEqual(ids.map(hueOf));
  expect(new Set(ids.map(hueOf)).size).toBeGreaterThan(5);
});
