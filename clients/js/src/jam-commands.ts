/**
 * What people ask of a Jam, one name each.
 *
 * A command counts when it is given; awaiting it tells what became of it, or rejects with CommandRefused. Those of host
 * and co-host name the reign that stands here at that moment: a device that is host no longer changes nothing. Knows
 * who says what with which words. How commands travel is `jam-room`'s, how the Jam reads `jam`'s.
 */

import { JamClosed } from "./errors.js";
import type { Done, Given } from "./given.js";
import { commandOf } from "./jam/commands.js";
import type { Lineup } from "./jam/lineup.js";
import { recording } from "./jam/recordings.js";
import type { Jam as JamState, Standing } from "./jam/state.js";
import { JamRoom } from "./jam-room.js";
import type { Entry, Value } from "./ot/value.js";
import { asList, makeSong, type Track } from "./tracks.js";

/** See the module. */
export abstract class JamCommands extends JamRoom {
  /** All of it, as the rules know it, with own commands that wait. */
  get state(): JamState {
    return this.lineup.jam;
  }

  protected get lineup(): Lineup {
    const lineup = this.replica.state;
    if (lineup === null) {
      throw new JamClosed("not_open", "The Jam is not loaded yet.");
    }
    return lineup;
  }

  // -- the queue ---------------------------------------------------------------------------------------------
  // All commands throw JamClosed, ConnectionRefused and QueueFull when they are given; awaited they reject with
  // CommandRefused with the Jam's reason, and how long to wait where that would help.

  /**
   * Adds a song to the queue, with our vote. Gives the id of its entry: if the recording waits already, that one
   * gets our vote instead. `override`: even if it was played lately (host and co-host). Throws InvalidEdit if songs
   * cannot have these fields.
   */
  add(track: Track, { override = false } = {}): Given<string> {
    const song = makeSong(track);
    const entry = this.replica.takeUid();
    return this.giveFor(
      commandOf("add", { entry, track: song, override }),
      done => this.#entryOf(song, done),
      entry,
    );
  }

  #entryOf(song: Entry, done: Done): string {
    if (done.event !== null) {
      return String(done.event["entry"]);
    }
    const { entries } = this.state;
    if (!Object.hasOwn(entries, done.entry)) {
      const wanted = recording(song);
      const merged = Object.values(entries).find(entry => recording(entry.track) === wanted);
      return merged?.id ?? done.entry;
    }
    return done.entry;
  }

  /** Sets our vote for a song: 1, 0 or, where the Jam allows it, −1. */
  vote(entry: string, value = 1): Given<void> {
    return this.give(commandOf("vote", { entry, value }));
  }

  /** Takes a song out: one's own, or any for host and co-host. */
  remove(entry: string): Given<void> {
    return this.give(commandOf("remove", { entry, reign: this.#reign }));
  }

  /** Puts a song above all votes, before another pinned one or behind them all. */
  pin(entry: string, { before = "" } = {}): Given<void> {
    return this.give(commandOf("pin", { entry, before, reign: this.#reign }));
  }

  /** Lets votes place it again. */
  unpin(entry: string): Given<void> {
    return this.give(commandOf("unpin", { entry, reign: this.#reign }));
  }

  /** Reorders by hand, in modes `queue` and `host`: before another song, or to the end. */
  move(entry: string, { before = "" } = {}): Given<void> {
    return this.give(commandOf("move", { entry, before, reign: this.#reign }));
  }

  /** Takes out all that people added and that waits. */
  clear(): Given<void> {
    return this.give(commandOf("clear", { reign: this.#reign }));
  }

  /** Replaces the songs that play when people's are out. Throws InvalidEdit. */
  setFallback(tracks: Track | Iterable<Track>): Given<void> {
    const entries = asList(tracks)
      .map(makeSong)
      .map(song => [this.replica.takeUid(), song] as const);
    return this.give(commandOf("fallback", { tracks: entries, reign: this.#reign }));
  }

  /** Reorders the fallback. */
  shuffle(): Given<void> {
    const seed = Array.from(crypto.getRandomValues(new Uint8Array(8)), byte =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    return this.give(commandOf("shuffle", { seed, reign: this.#reign }));
  }

  // -- the music ---------------------------------------------------------------------------------------------

  /** Starts the music, or goes on with it. */
  play(): Given<void> {
    return this.give(commandOf("play", { reign: this.#reign }));
  }

  /** Stops the music where it is, for everybody. */
  pause(): Given<void> {
    return this.give(commandOf("pause", { reign: this.#reign }));
  }

  /** Goes on at this position, for everybody. */
  seek(positionMs: number): Given<void> {
    return this.give(
      commandOf("seek", { play: this.#play, position_ms: Math.round(positionMs), reign: this.#reign }),
    );
  }

  /** Ends what plays now; refused if that is over already. */
  next(): Given<void> {
    return this.give(commandOf("next", { play: this.#play, reign: this.#reign }));
  }

  /** Starts the song again or, in its first seconds, the one before. */
  previous(): Given<void> {
    return this.give(commandOf("previous", { play: this.#play, reign: this.#reign }));
  }

  /** Ends what plays and starts this one. */
  playNow(entry: string): Given<void> {
    return this.give(commandOf("play_now", { entry, reign: this.#reign }));
  }

  /** Asks, or no longer asks, for the next song; who added what plays withdraws it with this. */
  skip(value = true): Given<void> {
    return this.give(commandOf("skip", { play: this.#play, value }));
  }

  /** Stops the countdown to a skip that was voted. */
  veto(): Given<void> {
    return this.give(commandOf("veto", { play: this.#play, reign: this.#reign }));
  }

  /** Says that what plays cannot be played. */
  unplayable(): Given<void> {
    return this.give(commandOf("unplayable", { play: this.#play }));
  }

  // -- people ------------------------------------------------------------------------------------------------

  /** Makes somebody host who is here and takes part; we become a co-host. */
  handOver(user: string): Given<void> {
    return this.give(commandOf("hand_over", { user, reign: this.#reign }));
  }

  /** Makes somebody a co-host, a guest or a listener. */
  promote(user: string, role: Standing): Given<void> {
    return this.give(commandOf("promote", { user, role, reign: this.#reign }));
  }

  /** Throws somebody out and ends all codes and links; by a new one they may return. */
  kick(user: string): Given<void> {
    return this.give(commandOf("kick", { user, reign: this.#reign }));
  }

  /** As `kick`, and no key lets them in. */
  ban(user: string): Given<void> {
    return this.give(commandOf("ban", { user, reign: this.#reign }));
  }

  /** A key lets them in again. */
  unban(user: string): Given<void> {
    return this.give(commandOf("unban", { user, reign: this.#reign }));
  }

  /** Lets somebody in who waits. */
  approve(user: string): Given<void> {
    return this.give(commandOf("approve", { user, reign: this.#reign }));
  }

  /** Sends somebody away who waits. */
  deny(user: string): Given<void> {
    return this.give(commandOf("deny", { user, reign: this.#reign }));
  }

  /** Locks or unlocks the door; old codes and links do not open it again. */
  lock(locked = true): Given<void> {
    return this.give(commandOf("lock", { locked, reign: this.#reign }));
  }

  /** Changes settings by name, such as `{ mode: "votes" }`; see `jam/settings`. */
  set(settings: { readonly [name: string]: Value }): Given<void> {
    return this.give(commandOf("set", { settings, reign: this.#reign }));
  }

  /** Leaves for good; the host has to hand over or end first. Rejects with CommandRefused (`host_leaves`). */
  async leave(): Promise<void> {
    try {
      await this.give(commandOf("leave", {}));
    } catch (error) {
      // The server may show us the door before it says that the command was taken.
      if (!(error instanceof JamClosed && this.replica.closed !== null)) {
        throw error;
      }
    }
    this.close();
  }

  /** The Jam is over for everybody: it can be read, and nothing else. */
  end(): Given<void> {
    return this.give(commandOf("end", { reign: this.#reign }));
  }

  // -- chat --------------------------------------------------------------------------------------------------

  /** Writes a line into the chat. */
  say(text: string): Given<void> {
    if (this.showing.typing) {
      this.typing(false);
    }
    return this.give(commandOf("say", { text }));
  }

  /** One's own, or any for host and co-host. */
  deleteMessage(message: number): Given<void> {
    return this.give(commandOf("delete_message", { message, reign: this.#reign }));
  }

  /** Shows everybody who is here a reaction, once. Throws CallerError for more than a word. */
  react(text: string): void {
    this.showing.react(text);
    this.show();
  }

  /** Shows others that we write something, or no longer. */
  typing(isTyping = true): void {
    this.showing.typing = isTyping;
    this.show();
  }

  get #reign(): number {
    return this.state.reign;
  }

  /** The one that everybody hears. Not the one that our own `next` will start: two presses mean one. */
  get #play(): number {
    return this.replica.committed?.jam.timeline.play ?? 0;
  }
}
