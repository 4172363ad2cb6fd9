/**
 * A player that plays a Jam, while the program does something else.
 *
 * Asks the conductor whenever the Jam has changed and whenever it wants to be asked, and tells the room how this
 * device keeps up: how far away it is, what it has fetched, how far off it plays. Knows the event loop. What the
 * player must do is the conductor's.
 */

import { Conductor } from "./conductor.js";
import { ClientError } from "./errors.js";
import { commandOf } from "./jam/commands.js";
import { isSteering } from "./jam/rules.js";
import { type Jam, roleOf } from "./jam/state.js";
import type { JamHost, JamRoom } from "./jam-room.js";
import { same, type Value } from "./ot/value.js";
import type { Player } from "./player.js";
import { CallerError } from "./wire/errors.js";
import type { Body } from "./wire/messages.js";

/** How often the room hears of us when nothing special happens, and from its speaker. */
export const REPORT_EVERY_MS = 5_000;
export const SPEAKER_REPORT_EVERY_MS = 1_000;
/** Until the room's time is known, nothing can be played in time. */
export const CLOCK_WAIT_MS = 50;

/** See the module. Made by `Jam.playOn`; `stop` ends it in silence. */
export class Performance {
  readonly #room: JamRoom;
  readonly #player: Player;
  readonly #host: JamHost;
  readonly #conductor: Conductor;
  readonly #isOver: Promise<void>;
  #isStopped = false;
  #awaken: () => void = () => undefined;
  #reported: Body = {};
  #reportMs = 0;
  #complainedOf = 0;

  constructor(room: JamRoom, player: Player, host: JamHost) {
    this.#room = room;
    this.#player = player;
    this.#host = host;
    this.#conductor = new Conductor(player);
    this.#isOver = this.#run();
    // Who never calls `stop` hears nothing of it here; the player has failed, and the Jam goes on.
    this.#isOver.catch(() => undefined);
  }

  /** How far the player is behind where it should be; null while it is silent. */
  get errorMs(): number | null {
    return this.#conductor.errorMs;
  }

  /** Whether it plays, and where it should. */
  get isLocked(): boolean {
    return this.#conductor.isLocked;
  }

  /** The entries that are here to be played now or next, and how many ms fetching each took. */
  get ready(): ReadonlyMap<string, number> {
    return this.#conductor.ready;
  }

  /** What the listener adds by ear for an output that is later than it says: more plays earlier. */
  get nudgeMs(): number {
    return this.#conductor.nudgeMs;
  }

  set nudgeMs(nudgeMs: number) {
    this.#conductor.nudgeMs = nudgeMs;
  }

  /** Falls silent. Rejects with what the player threw. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#awaken();
    await this.#isOver;
  }

  /** Until stopped, or the Jam is closed here. */
  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) {
        await this.#wait(this.#conduct());
      }
    } catch (error) {
      if (!(error instanceof ClientError)) {
        throw error;
      }
    } finally {
      this.#conductor.stop(this.#host.nowMs());
      this.#room.showSync({});
    }
  }

  /** Until something happens in the room, `stop`, or for so long. */
  async #wait(forMs: number | null): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#awaken = resolve;
    });
    // A page that nobody sees plays on.
    const unwind = forMs === null ? () => undefined : this.#host.after(forMs, () => this.#awaken());
    const waits = [stopped, this.#room.changed()];
    try {
      await Promise.race(waits);
    } finally {
      unwind();
      // When another of them came first, nobody else would take what this one says later.
      waits[1]?.catch(() => undefined);
    }
  }

  /** How long to wait for something to happen, ms. */
  #conduct(): number | null {
    const nowMs = this.#host.nowMs();
    const lineup = this.#room.replica.committed;
    const offsetMs = this.#host.roomClock.offsetMs(nowMs);
    if (lineup === null || offsetMs === null) {
      return CLOCK_WAIT_MS;
    }
    const { jam } = lineup;
    const { user } = this.#room.replica;
    const isSpeaker = jam.settings.speaker && jam.host === user;
    this.#conductor.conduct(jam, offsetMs, nowMs, isSpeaker);
    this.#complain(jam, user);
    this.#report(jam, nowMs, isSpeaker ? offsetMs : null);
    const timerMs = this.#conductor.getTimer(nowMs);
    return timerMs === null ? null : Math.max(0, timerMs - this.#host.nowMs());
  }

  /** Who steers says once of a play that it cannot be played. */
  #complain(jam: Jam, user: string): void {
    const { play, entry } = jam.timeline;
    const isOurs = entry !== "" && this.#conductor.broken === entry;
    if (!isOurs || play === this.#complainedOf || !isSteering(roleOf(jam, user))) {
      return;
    }
    this.#complainedOf = play;
    try {
      this.#room.give(commandOf("unplayable", { play }));
    } catch (error) {
      // Too much waits to be said; the next host will.
      if (!(error instanceof CallerError)) {
        throw error;
      }
    }
  }

  #report(jam: Jam, nowMs: number, speakerOffsetMs: number | null): void {
    const ready = Object.fromEntries(this.#conductor.ready);
    const fetched = { ready, fetching: this.#conductor.fetching };
    const hasNews = !(
      same(ready, this.#reported["ready"] as Value) && fetched.fetching === this.#reported["fetching"]
    );
    if (nowMs < this.#reportMs && !hasNews) {
      return;
    }
    this.#reportMs = nowMs + (speakerOffsetMs === null ? REPORT_EVERY_MS : SPEAKER_REPORT_EVERY_MS);
    this.#reported = {
      ...fetched,
      ...this.#quality(nowMs),
      ...(speakerOffsetMs !== null && this.#position(jam, nowMs, speakerOffsetMs)),
    };
    this.#room.showSync(this.#reported);
  }

  #quality(nowMs: number): Body {
    const measured = this.#host.roomClock.filter;
    const { errorMs } = this.#conductor;
    if (!measured?.isSet) {
      return {};
    }
    return {
      rtt_ms: Math.round(measured.rttMs),
      ...(errorMs !== null && { error_us: Math.round((Math.abs(errorMs) + measured.sdMs(nowMs)) * 1000) }),
    };
  }

  /** Where the speaker's music is, as it is heard. */
  #position(jam: Jam, nowMs: number, offsetMs: number): Body {
    const givenMs = this.#player.positionMs(nowMs);
    if (givenMs === null || jam.timeline.paused) {
      return {};
    }
    const heardMs = givenMs - this.#player.latencyMs - this.#conductor.nudgeMs;
    return {
      position: {
        play: jam.timeline.play,
        position_ms: Math.max(0, Math.round(heardMs)),
        at_ms: Math.round(nowMs + offsetMs),
      },
    };
  }
}
