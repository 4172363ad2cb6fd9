import { expect, test } from "vitest";
import { deal, hueOf, initialsOf } from "./voice.js";

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

const CROWD = Array.from({ length: 40 }, (_, number) => `user${number}`);
/** Two who would look alike, and others. */
const [ada = "", ben = ""] = CROWD.filter(user => hueOf(user) === hueOf("user0"));
const hues = (people: readonly string[], before?: ReadonlyMap<string, number>) => {
  const dealt = deal(people, before);
  return people.map(user => dealt.get(user));
};

test("people who are here together differ, as long as there are hues", () => {
  expect(hueOf(ada)).toBe(hueOf(ben));
  expect(new Set(hues([ada, ben])).size).toBe(2);
  for (let first = 0; first < 30; first += 1) {
    expect(new Set(hues(CROWD.slice(first, first + 8))).size).toBe(8);
  }
  expect(hues(CROWD).every(hue => hue !== undefined)).toBe(true);
});

test("nobody changes because somebody else comes, goes, or comes back", () => {
  const alone = deal([ben]);
  expect(alone.get(ben)).toBe(hueOf(ben));
  const both = deal([ada, ben], alone);
  expect(both.get(ben)).toBe(hueOf(ben));
  expect(both.get(ada)).not.toBe(hueOf(ben));
  const without = deal([ada], both);
  expect(without.get(ada)).toBe(both.get(ada));
  expect(deal([ben, ada], without)).toEqual(new Map([...both]));
});

test("who had to share a hue gets one of their own when one is free", () => {
  const full = CROWD.slice(0, 9);
  const before = deal(full);
  const shared = full.find((user, at) =>
    full.some((other, to) => to < at && before.get(other) === before.get(user)),
  );
  const leaver = full.find(user => user !== shared && before.get(user) !== before.get(shared ?? ""));
  const left = full.filter(user => user !== leaver);
  expect(new Set(hues(left, before)).size).toBe(8);
});

test("a long evening is not remembered for ever", () => {
  let dealt = deal([]);
  for (let number = 0; number < 1000; number += 1) {
    dealt = deal([`guest${number}`], dealt);
  }
  expect(dealt.size).toBeLessThan(100);
});
