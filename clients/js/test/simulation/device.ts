/**
 * One simulated device: a link in virtual time, on which one playlist is open.
 *
 * Everything that it is asked comes as a question of plain values and is answered with what happened, in the forms
 * of `tests/sim/javascript.py`. Messages pass the codec, as on a socket. After each question the replica's `check`
 * is called: what must hold between any two calls does. Knows the link. Does not know lines, or what a simulation
 * is for.
 */

import { Link } from "../../src/link.js";
import type { LinkEvent } from "../../src/link-events.js";
import { digest } from "../../src/ot/digest.js";
import type { Document } from "../../src/ot/document.js";
import type { Op } from "../../src/ot/op.js";
import type { Direction } from "../../src/ot/undo.js";
import { decode, encode } from "../../src/ot/wire.js";
import type { PlaylistReplica } from "../../src/playlist-replica.js";
import type { Roster } from "../../src/roster.js";
import type { Standby } from "../../src/standby.js";
import type { Stored } from "../../src/store.js";
import { decodeServer, encodeMessage, frames } from "../../src/wire/codec.js";
import type { Payload } from "../../src/wire/encoding.js";
import { json } from "../../src/wire/json.js";
import type { Body, ClientMessage, ServerMessage } from "../../src/wire/messages.js";

/** What a device is asked; `now_ms` is its own clock. */
export type Question =
  | { fn: "enter"; room: string; stored: Stored | null }
  | { fn: "connected"; token: string }
  | { fn: "disconnected" | "stay" | "take_uid" | "take_write" }
  | { fn: "renew"; client: string }
  | { fn: "outgoing"; now_ms: number }
  | { fn: "receive"; frame: string; now_ms: number }
  | { fn: "edit"; op: Body }
  | { fn: "take_back"; direction: Direction }
  | { fn: "show"; state: Body }
  | { fn: "prepare"; token: string }
  | { fn: "move" | "standby_outgoing" | "standby_look"; now_ms: number }
  | { fn: "standby_receive"; frame: string; now_ms: number };

/** Who it is at first. */
export interface Birth {
  readonly client: string;
  readonly user: string;
  readonly uids_taken: number;
  readonly clock_offset_ms: number;
}

export class Device {
  readonly #link: Link;
  #replica: PlaylistReplica | null = null;
  #roster: Roster | null = null;
  #standby: Standby | null = null;
  #toldDocument: Document | null = null;
  #toldAcked: Document | null = null;

  constructor(birth: Birth) {
    this.#link = new Link(birth.client, {
      user: birth.user,
      uidsTaken: birth.uids_taken,
      clockOffsetMs: birth.clock_offset_ms,
      isKept: true,
    });
  }

  /** What came of it, and how the device stands now. */
  answer(question: Question): object {
    const came = this.#answered(question);
    this.#replica?.check();
    return { came, ...this.#standing() };
  }

  #answered(question: Question): unknown {
    const link = this.#link;
    switch (question.fn) {
      case "enter":
        [this.#replica, this.#roster] = link.enter(question.room, question.stored ?? undefined);
        return null;
      case "connected":
        link.connected(question.token);
        return null;
      case "disconnected":
        link.disconnected();
        return null;
      case "renew":
        return told(link.renew(question.client));
      case "outgoing": {
        const said = framed(link.outgoing(question.now_ms));
        return { frames: said, events: told(link.takeEvents()) };
      }
      case "receive":
        return told(read(question.frame).flatMap(message => link.receive(message, question.now_ms)));
      case "prepare":
        this.#standby = link.prepare(question.token);
        return null;
      case "stay":
        link.stay();
        return null;
      case "move":
        return told(link.move(present(this.#standby), question.now_ms));
      case "standby_outgoing":
        return framed(present(this.#standby).outgoing(question.now_ms));
      case "standby_receive":
        for (const message of read(question.frame)) {
          present(this.#standby).receive(message, question.now_ms);
        }
        return null;
      case "standby_look": {
        const standby = present(this.#standby);
        return { is_ready: standby.isReady(question.now_ms), timer_ms: standby.getTimer(question.now_ms) };
      }
      case "edit":
        return present(this.#replica).edit(decode(question.op)).map(written);
      case "take_back":
        return present(this.#replica).takeBack(question.direction).map(written);
      case "take_uid":
        return present(this.#replica).takeUid();
      case "take_write":
        return present(this.#replica).takeWrite();
      case "show":
        present(this.#roster).show(question.state);
        return null;
    }
  }

  /** The lists only where they are others than those that were told last. */
  #standing(): object {
    const link = this.#link;
    return {
      client: link.client,
      uids_taken: link.uidsTaken,
      clock_offset_ms: link.serverMs(0),
      renewal_is_due: link.renewalIsDue,
      timer_ms: link.getTimer(),
      replica: this.#replica === null ? null : this.#replicaStanding(this.#replica),
    };
  }

  #replicaStanding(replica: PlaylistReplica): object {
    const { document, acked } = replica;
    const isNew = acked !== this.#toldAcked;
    const standing = {
      client: replica.client,
      epoch: replica.epoch,
      version: replica.version,
      role: replica.role,
      closed: replica.closed === null ? null : written(replica.closed),
      is_open: replica.isOpen,
      is_synced: replica.isSynced,
      needs_client: replica.needsClient,
      has_inflight: replica.hasInflight,
      edits_made: replica.made,
      edits_settled: replica.settled,
      undecided: replica.engine === null ? null : [...replica.engine.undecided],
      document: document === this.#toldDocument ? null : document,
      acked: isNew ? { ...acked, digest: digest(acked) } : null,
    };
    this.#toldDocument = document;
    this.#toldAcked = acked;
    return standing;
  }
}

function framed(messages: readonly ClientMessage[]): Payload[] {
  return frames(
    messages.map(message => encodeMessage(message, json)),
    json,
  );
}

function read(frame: string): readonly ServerMessage[] {
  return decodeServer(frame, json).messages;
}

function told(events: readonly LinkEvent[]): object[] {
  return events.map(event => (event.type === "in_room" ? { ...event, event: written(event.event) } : event));
}

/** An event with its op and its map as JSON has them. */
function written(event: object): object {
  const { op, uids } = event as { op?: Op; uids?: ReadonlyMap<string, string> };
  return {
    ...event,
    ...(op === undefined ? {} : { op: encode(op) }),
    ...(uids === undefined ? {} : { uids: Object.fromEntries(uids) }),
  };
}

function present<T>(part: T | null): T {
  if (part === null) {
    throw new Error("It was not asked for before.");
  }
  return part;
}
