/** What plays next, in the order that votes and turns give, and what may be done with each song. */

import type { Jam, JamSnapshot, Song } from "@tutti/client";
import { ChevronUp, Ellipsis, Pin, PinOff, Play, Trash2 } from "lucide-react";
import { Menu } from "../design/menu.js";
import { useAttempt } from "../design/use-attempt.js";
import { useVoices } from "../design/use-voices.js";
import { useMe } from "../session/here.js";
import { Artwork } from "../songs/artwork.js";
import { STRINGS } from "../strings.js";
import styles from "./queue.module.css";
import { isSteering } from "./roles.js";
import { useTravel } from "./use-travel.js";

const WORDS = STRINGS.jam;
const MINUTE_MS = 60_000;

export function Queue({ jam, shown }: { jam: Jam; shown: JamSnapshot }) {
  const list = useTravel<HTMLOListElement>(shown.queue.map(({ id }) => id).join(" "));
  if (shown.queue.length === 0) {
    return <p className={styles["empty"]}>{WORDS.queueEmpty}</p>;
  }
  return (
    <ol ref={list} className={styles["queue"]}>
      {shown.queue.map(song => (
        <QueuedSong key={song.id} jam={jam} song={song} shown={shown} />
      ))}
    </ol>
  );
}

function QueuedSong({ jam, song, shown }: { jam: Jam; song: Song; shown: JamSnapshot }) {
  const command = useAttempt();
  const voiceOf = useVoices();
  const { userId } = useMe();
  const steers = isSteering(shown.role);
  const isMine = song.addedBy === userId;
  const mayVote = shown.role !== "listener" && !shown.settings.votes_frozen;
  const hasVoted = song.myVote > 0;
  const choices = [
    ...(steers
      ? [
          { label: WORDS.playNow, icon: <Play />, onChoose: () => void command(() => jam.playNow(song.id)) },
          song.isPinned
            ? { label: WORDS.unpin, icon: <PinOff />, onChoose: () => void command(() => jam.unpin(song.id)) }
            : { label: WORDS.pin, icon: <Pin />, onChoose: () => void command(() => jam.pin(song.id)) },
        ]
      : []),
    ...(steers || isMine
      ? [
          {
            label: WORDS.remove,
            icon: <Trash2 />,
            isDangerous: true,
            onChoose: () => void command(() => jam.remove(song.id)),
          },
        ]
      : []),
  ];
  return (
    <li data-id={song.id} className={styles["song"]} data-next={song.isNext}>
      <Artwork track={song.track} widthPx={96} className={styles["cover"] ?? ""} />
      <div className={styles["words"]}>
        <span className={styles["title"]}>{song.title}</span>
        <span className={styles["detail"]}>
          {song.artists}
          {song.artists !== "" && song.addedByName !== "" && " · "}
          {song.addedByName !== "" && (
            <span className={styles["adder"]} style={voiceOf(song.addedBy)}>
              {song.addedByName}
            </span>
          )}
        </span>
        <span className={styles["marks"]}>
          {song.isNext && <span className={styles["next"]}>{WORDS.isNext}</span>}
          {song.isPinned && <span>{WORDS.isPinned}</span>}
          {song.isFallback && <span>{WORDS.fallback}</span>}
          {!song.isNext && song.startsInMs !== null && <span>{whenOf(song.startsInMs, isMine)}</span>}
        </span>
      </div>
      <button
        type="button"
        className={styles["vote"]}
        aria-pressed={hasVoted}
        aria-label={`${WORDS.vote(song.title)}, ${WORDS.score(song.score)}`}
        disabled={!mayVote}
        onClick={() => void command(() => jam.vote(song.id, hasVoted ? 0 : 1))}
      >
        <ChevronUp aria-hidden="true" />
        <span className="numbers">{song.score}</span>
      </button>
      {choices.length > 0 ? (
        <Menu label={WORDS.actionsOf(song.title)} icon={<Ellipsis aria-hidden="true" />} choices={choices} />
      ) : (
        <span />
      )}
    </li>
  );
}

function whenOf(inMs: number, isMine: boolean): string {
  const words = WORDS.inAbout(Math.round(inMs / MINUTE_MS));
  return isMine ? WORDS.yours(words) : words;
}
