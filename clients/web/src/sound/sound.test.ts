import type { Jam, Tutti } from "@tutti/client";
import { expect, test, vi } from "vitest";
import { Sound } from "./sound.js";

const player = {
  volume: 100,
  subscribe: () => () => undefined,
  getSnapshot: () => ({ needsGesture: false, problems: [], volume: player.volume }),
  unlock: async () => true,
};

vi.mock("@tutti/client/player", () => ({
  makePlayer: () => player,
  Nudge: { here: async () => ({ applyTo: () => undefined }) },
  stayAwake: () => () => undefined,
  surroundings: () => ({ lacks: [] }),
}));

/** A Jam whose volume somebody turns. */
function jamOf(volume: number) {
  const listeners = new Set<() => void>();
  const jam = {
    id: "friday",
    settings: { volume },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    playOn: () => ({ stop: async () => undefined }),
  };
  function turn(to: number): void {
    jam.settings = { volume: to };
    for (const listener of listeners) {
      listener();
    }
  }
  return { jam: jam as unknown as Jam, turn, listeners };
}

test("it is as loud as the Jam is, and of that as much as is wanted here", async () => {
  const { jam, turn, listeners } = jamOf(80);
  const sound = new Sound();
  await sound.start({} as Tutti, jam);
  expect(player.volume).toBe(80);
  turn(40);
  expect(player.volume).toBe(40);
  sound.setVolume(50);
  expect(player.volume).toBe(20);
  expect(sound.getSnapshot().volume).toBe(50);
  turn(100);
  expect(player.volume).toBe(50);
  await sound.stop();
  expect(listeners.size).toBe(0);
});
