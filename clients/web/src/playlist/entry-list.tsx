/**
 * The entries of a playlist: any number of them, of which those in sight are drawn.
 *
 * Chosen by press and by keys, dragged by mouse and touch, moved by keys. A row keeps its element as long as it is in
 * sight, so that one that somebody else moves is seen to travel. Knows rows and places. What an edit is is the
 * playlist's.
 */

import {
  DndContext,
  DragOverlay,
  type DragStartEvent,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { defaultRangeExtractor, type Range, useWindowVirtualizer } from "@tanstack/react-virtual";
import type { Entry, Member, Playlist } from "@tutti/client";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import { uidOf } from "./entry.js";
import styles from "./entry-list.module.css";
import { EntryRow, type RowActions, type Standing } from "./entry-row.js";
import { type Choice, movesTo, type Press, pressed, type Run, runsOf } from "./selection.js";
import { useChanged } from "./use-changed.js";

const WORDS = STRINGS.playlist;
/** Height of a row, px; `--row` says the same to the style sheet. */
const ROW_PX = 60;
/** Rows that are drawn beyond what is in sight, so that quick scrolling shows no gap. */
const BEYOND = 10;
/**
 * How far a mouse goes, and how long (ms) a finger stays, before it drags: less is a press, or a scroll. The same
 * objects each time: dnd-kit draws every row again when it is given others.
 */
const BY_MOUSE = { activationConstraint: { distance: 6 } };
const BY_TOUCH = { activationConstraint: { delay: 220, tolerance: 8 } };
const MOVES = ["mousedown", "mousemove", "touchstart", "touchmove"];
/** Who has carried something less far has not meant to. */
const STILL_PX = 6;

/** Drawn again only when it shows something else: how far edits are, it does not. */
export const EntryList = memo(function EntryList({
  playlist,
  entries,
  members,
  canEdit,
  choice,
  onChoice,
  nameOf,
}: {
  playlist: Playlist;
  entries: readonly Entry[];
  members: readonly Member[];
  canEdit: boolean;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  nameOf: (user: string) => string;
}) {
  const order = useMemo(() => entries.map(uidOf), [entries]);
  const list = useRef<HTMLDivElement>(null);
  const [offsetPx, setOffset] = useState(0);
  const [focused, setFocused] = useState<Focused>({ uid: "", index: 0 });
  const [dropAt, setDropAt] = useState<number | null>(null);
  const [lifted, setLifted] = useState<ReadonlySet<string>>(NONE);
  const [said, setSaid] = useState("");
  const changed = useChanged(playlist);
  const { userId } = useMe();
  const standing = useMemo(() => standingIn(members, userId), [members, userId]);
  const at = placeOf(focused, order);

  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: order.length,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    scrollMargin: offsetPx,
    // As long as the order is the same, places are not reckoned anew.
    getItemKey: useCallback((index: number) => order[index] ?? index, [order]),
    // The one with the focus stays, or the keyboard would lose its place by scrolling.
    rangeExtractor: useCallback(
      (range: Range) =>
        [...new Set([...defaultRangeExtractor(range), at])].filter(index => index < range.count),
      [at],
    ),
  });

  // -- what rows ask for -------------------------------------------------------------------------------------
  // They are drawn again when these change, so they do not: what they need is read when it is needed.

  const now = useRef({ order, choice, onChoice, playlist });
  useEffect(() => {
    now.current = { order, choice, onChoice, playlist };
  });
  const actions = useMemo<RowActions>(
    () => ({
      press(uid, event) {
        const { order, choice, onChoice } = now.current;
        onChoice(pressed(choice, uid, pressOf(event), order));
      },
      focus(uid) {
        const index = now.current.order.indexOf(uid);
        setFocused({ uid, index });
        now.current.playlist.setCursor(index < 0 ? null : index);
      },
      moveTo(uid, place) {
        const { order, choice, playlist } = now.current;
        bring(playlist, acted(choice, uid), order, place === "first" ? 0 : order.length);
      },
      remove(uid) {
        const { order, choice, playlist } = now.current;
        take(playlist, acted(choice, uid), order);
      },
    }),
    [],
  );

  // -- dragging ----------------------------------------------------------------------------------------------

  const sensors = useSensors(useSensor(MouseSensor, BY_MOUSE), useSensor(TouchSensor, BY_TOUCH));

  function lift({ active, activatorEvent }: DragStartEvent): void {
    pointer.current.liftedY = pointerY(activatorEvent);
    pointer.current.liftedScroll = window.scrollY;
    const uid = String(active.id);
    const uids = acted(choice, uid);
    if (!choice.uids.has(uid)) {
      onChoice({ uids, anchor: uid });
    }
    // It stays drawn however far it is carried: a finger's events end with the element on which they began.
    setFocused({ uid, index: order.indexOf(uid) });
    setLifted(uids);
    setSaid(WORDS.lifted(uids.size));
  }

  // Where the pointer is, by its own word: what dnd-kit has drawn of it may be a step behind when it lets go.
  const pointer = useRef({ y: 0, liftedY: 0, liftedScroll: 0 });
  useEffect(() => {
    const move = (event: Event) => {
      pointer.current.y = pointerY(event);
    };
    for (const kind of MOVES) {
      window.addEventListener(kind, move, { capture: true, passive: true });
    }
    return () => {
      for (const kind of MOVES) {
        window.removeEventListener(kind, move, { capture: true });
      }
    };
  }, []);

  /** Null: it was lifted and not carried anywhere. */
  function placeUnderPointer(): number | null {
    const { y, liftedY, liftedScroll } = pointer.current;
    if (Math.abs(y - liftedY) < STILL_PX && window.scrollY === liftedScroll) {
      return null;
    }
    const top = list.current?.getBoundingClientRect().top ?? 0;
    return Math.min(order.length, Math.max(0, Math.round((y - top) / ROW_PX)));
  }

  function drop(isDropped: boolean): void {
    const place = isDropped ? placeUnderPointer() : null;
    if (place !== null) {
      bring(playlist, lifted, order, place);
      setSaid(WORDS.dropped(lifted.size, place + 1));
    } else {
      setSaid(WORDS.putBack);
    }
    setLifted(NONE);
    setDropAt(null);
  }

  // -- keys --------------------------------------------------------------------------------------------------

  function key(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "row") {
      return;
    }
    const uid = order[at] ?? "";
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: order.length - 1 }[event.key];
    const target = to === undefined ? null : Math.min(order.length - 1, Math.max(0, to));
    if (target !== null && event.altKey && canEdit) {
      const uids = acted(choice, uid);
      const place = placeBy(event.key, runsOf(uids, order), order.length);
      bring(playlist, uids, order, place);
      setSaid(WORDS.movedTo(uids.size, Math.min(place + 1, order.length)));
      follow(uid);
    } else if (target !== null) {
      if (event.shiftKey) {
        const from = choice.anchor === null ? { ...choice, anchor: uid } : choice;
        onChoice(pressed(from, order[target] ?? uid, "range", order));
      }
      focusRow(target);
    } else if (event.key === " ") {
      onChoice(pressed(choice, uid, "toggle", order));
    } else if (event.key === "Escape") {
      onChoice({ uids: NONE, anchor: null });
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      onChoice({ uids: new Set(order), anchor: uid });
    } else if ((event.key === "Delete" || event.key === "Backspace") && canEdit) {
      const uids = acted(choice, uid);
      const first = runsOf(uids, order)[0]?.start ?? 0;
      take(playlist, uids, order);
      // What stands there now has the focus, so that the keyboard goes on from here.
      focusRow(Math.max(0, Math.min(first, order.length - uids.size - 1)));
    } else {
      return;
    }
    event.preventDefault();
  }

  function focusRow(index: number): void {
    setFocused({ uid: "", index });
    rows.scrollToIndex(index);
    focusSoon(`[aria-rowindex="${index + 1}"]`);
  }

  /** The keyboard goes where the entry goes, so that it can be moved on. */
  function follow(uid: string): void {
    rows.scrollToIndex(playlist.entries.findIndex(entry => uidOf(entry) === uid));
    focusSoon(`[data-uid="${CSS.escape(uid)}"]`);
  }

  /** The row may be drawn only now. */
  function focusSoon(row: string): void {
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(row)?.focus({ preventScroll: true }),
    );
  }

  const [nowMs] = useState(() => Date.now());
  return (
    <DndContext
      sensors={sensors}
      accessibility={NO_WORDS}
      onDragStart={lift}
      onDragMove={() => setDropAt(placeUnderPointer())}
      onDragEnd={() => drop(true)}
      onDragCancel={() => drop(false)}
    >
      <div
        ref={list}
        role="grid"
        aria-label={WORDS.entries}
        aria-rowcount={order.length}
        aria-multiselectable="true"
        className={`${styles["list"]} ${lifted.size > 0 ? styles["carrying"] : ""}`}
        style={{ height: `${rows.getTotalSize()}px` }}
        onKeyDown={key}
      >
        {rows.getVirtualItems().map(({ key: uid, index, start }) => {
          const entry = entries[index];
          return (
            entry !== undefined && (
              <EntryRow
                key={uid}
                entry={entry}
                index={index}
                topPx={start - offsetPx}
                nowMs={nowMs}
                isChosen={choice.uids.has(String(uid))}
                isFocused={index === at}
                isLifted={lifted.has(String(uid))}
                canEdit={canEdit}
                standing={standing.get(index) ?? null}
                changedBy={changed.get(String(uid)) ?? ""}
                nameOf={nameOf}
                actions={actions}
              />
            )
          );
        })}
        {dropAt !== null && (
          <div className={styles["target"]} style={{ transform: `translateY(${dropAt * ROW_PX}px)` }} />
        )}
      </div>
      <p className="unseen" role="status">
        {said}
      </p>
      <DragOverlay dropAnimation={null}>
        {lifted.size > 0 && <div className={styles["load"]}>{WORDS.carried(lifted.size)}</div>}
      </DragOverlay>
    </DndContext>
  );
});

const NONE: ReadonlySet<string> = new Set();

/** What the keyboard is at: an entry wherever it goes, or (`uid` empty, or gone) whatever stands at a place. */
interface Focused {
  readonly uid: string;
  readonly index: number;
}

function placeOf({ uid, index }: Focused, order: readonly string[]): number {
  const found = uid === "" ? -1 : order.indexOf(uid);
  return found >= 0 ? found : Math.min(index, Math.max(0, order.length - 1));
}
/** What is read out is said here, in the page's own words. */
const NO_WORDS = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};

/** What an action on one entry is about: all that are chosen, if it is one of them. */
function acted(choice: Choice, uid: string): ReadonlySet<string> {
  return choice.uids.has(uid) ? choice.uids : new Set([uid]);
}

/** One step for undo, however many moves it takes. */
function bring(playlist: Playlist, uids: ReadonlySet<string>, order: readonly string[], to: number): void {
  playlist.endStep();
  for (const { start, count, to: place } of movesTo(runsOf(uids, order), to)) {
    playlist.move(start, count, place);
  }
  playlist.endStep();
}

/** From the end, so that places stay what they are. */
export function take(playlist: Playlist, uids: ReadonlySet<string>, order: readonly string[]): void {
  playlist.endStep();
  for (const { start, count } of runsOf(uids, order).reverse()) {
    playlist.remove(start, count);
  }
  playlist.endStep();
}

/** Where keys bring what stands in these runs. */
function placeBy(key: string, runs: readonly Run[], length: number): number {
  const [first, last] = [runs[0], runs.at(-1)];
  switch (key) {
    case "Home":
      return 0;
    case "ArrowUp":
      return Math.max(0, (first?.start ?? 0) - 1);
    case "ArrowDown":
      return last === undefined ? length : Math.min(length, last.start + last.count + 1);
    default:
      return length;
  }
}

/** A finger has no other key to hold: each tap is one more, or one less. */
function pressOf({ shiftKey, ctrlKey, metaKey, nativeEvent }: MouseEvent): Press {
  if (shiftKey) {
    return "range";
  }
  const isFinger = nativeEvent instanceof PointerEvent && nativeEvent.pointerType === "touch";
  return ctrlKey || metaKey || isFinger ? "toggle" : "alone";
}

function pointerY(event: Event): number {
  if (typeof TouchEvent !== "undefined" && event instanceof TouchEvent) {
    return event.touches[0]?.clientY ?? 0;
  }
  return event instanceof globalThis.MouseEvent ? event.clientY : 0;
}

/** Who else stands at which entry, by its index; the first of several. */
function standingIn(members: readonly Member[], us: string): ReadonlyMap<number, Standing> {
  const at = new Map<number, Standing>();
  for (const { user, name, cursor } of members) {
    if (cursor !== null && user !== us && !at.has(cursor)) {
      at.set(cursor, { user, name });
    }
  }
  return at;
}
