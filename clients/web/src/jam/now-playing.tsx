/** What everybody hears: the song, where it is, and the ways to change that. */

import type { Jam, JamSnapshot, NowPlaying as Playing } from "@tutti/client";
import { Disc3, Pause, Play, Search, SkipBack, SkipForward } from "lucide-react";
import { type CSSProperties, useCallback } from "react";
import { Button, IconButton } from "../design/button.js";
import { useAttempt } from "../design/use-attempt.js";
import { useHere } from "../session/here.js";
import { Artwork } from "../songs/artwork.js";
import { clockOf } from "../songs/times.js";
import { SoundControl } from "../sound/sound-control.js";
import { useFrame } from "../sound/use-frame.js";
import { useSound } from "../sound/use-sound.js";
import { STRINGS } from "../strings.js";
import styles from "./now-playing.module.css";
import { isSteering } from "./roles.js";

const WORDS = STRINGS.jam;
const POSITION_MS = 250;

/** `onAddFirst`: leads to where songs are found; null for whoever may add none. */
export function NowPlaying({
  jam,
  shown,
  onAddFirst,
}: {
  jam: Jam;
  shown: JamSnapshot;
  onAddFirst: (() => void) | null;
}) {
  const { nowPlaying } = shown;
  const command = useAttempt();
  const steers = isSteering(shown.role);
  const isSilent = nowPlaying === null && shown.queue.length === 0;
  const { tutti } = useHere();
  const { sound, state } = useSound();

  function playOrPause(): void {
    if (nowPlaying?.isPaused === false) {
      void command(() => jam.pause());
      return;
    }
    // Who starts the music wants to hear it, and has pressed something: that is all that a browser asks for.
    if (state.jam === "") {
      void sound.start(tutti, jam);
    }
    void command(() => jam.play());
  }

  return (
    <section className={styles["now"]} aria-label={WORDS.position} data-live={nowPlaying?.isPaused === false}>
      {nowPlaying === null ? (
        <span className={styles["cover"]} aria-hidden="true">
          <Disc3 />
        </span>
      ) : (
        <Artwork track={nowPlaying.song.track} className={styles["cover"] ?? ""} widthPx={640} />
      )}
      <div className={styles["words"]}>
        <h2 className={styles["title"]}>{nowPlaying?.song.title ?? WORDS.nothingPlays}</h2>
        <p className={styles["artists"]}>
          {nowPlaying === null ? WORDS.nothingPlaysLead : nowPlaying.song.artists}
          {nowPlaying?.song.addedByName && (
            <span className={styles["adder"]}>{WORDS.addedBy(nowPlaying.song.addedByName)}</span>
          )}
        </p>
        {nowPlaying !== null && <Position jam={jam} playing={nowPlaying} canSeek={steers} />}
        {nowPlaying?.isPaused === true && (
          <p className={styles["reason"]}>{WORDS.paused[nowPlaying.reason] ?? WORDS.paused["host"]}</p>
        )}
        <div className={styles["controls"]}>
          {isSilent && onAddFirst !== null && (
            <Button
              weight="primary"
              className={styles["first"]}
              icon={<Search aria-hidden="true" />}
              onClick={onAddFirst}
            >
              {WORDS.addFirst}
            </Button>
          )}
          {steers ? (
            <>
              <IconButton
                label={WORDS.previous}
                disabled={nowPlaying === null}
                onClick={() => void command(() => jam.previous())}
              >
                <SkipBack aria-hidden="true" />
              </IconButton>
              <IconButton
                weight={isSilent ? "plain" : "primary"}
                label={nowPlaying?.isPaused === false ? WORDS.pause : WORDS.play}
                disabled={isSilent}
                onClick={playOrPause}
                className={styles["play"]}
              >
                {nowPlaying?.isPaused === false ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
              </IconButton>
              <IconButton
                label={WORDS.next}
                disabled={nowPlaying === null}
                onClick={() => void command(() => jam.next())}
              >
                <SkipForward aria-hidden="true" />
              </IconButton>
            </>
          ) : null}
          {nowPlaying !== null && <SkipVote jam={jam} playing={nowPlaying} shown={shown} />}
          {nowPlaying !== null && <SoundControl jam={jam} />}
        </div>
      </div>
    </section>
  );
}

function Position({ jam, playing, canSeek }: { jam: Jam; playing: Playing; canSeek: boolean }) {
  const command = useAttempt();
  const position = useFrame(
    useCallback(() => Math.floor(jam.position() / 1000) * 1000, [jam]),
    POSITION_MS,
  );
  const duration = playing.durationMs;
  return (
    <div className={styles["position"]}>
      <span>{clockOf(position)}</span>
      <input
        type="range"
        min="0"
        max={duration ?? Math.max(position, 1)}
        step="1000"
        value={Math.min(position, duration ?? position)}
        disabled={!canSeek || duration === null}
        style={{ "--done": duration === null ? 0 : position / duration } as CSSProperties}
        aria-label={WORDS.position}
        aria-valuetext={clockOf(position)}
        onChange={event => void command(() => jam.seek(Number(event.target.value)))}
      />
      <span>{duration === null ? "" : clockOf(duration)}</span>
    </div>
  );
}

/** Who wants the next song says so; when enough do, host and co-host have a moment to keep it. */
function SkipVote({ jam, playing, shown }: { jam: Jam; playing: Playing; shown: JamSnapshot }) {
  const command = useAttempt();
  const { wanted, needed, mine, inMs } = playing.skip;
  const steers = isSteering(shown.role);
  if (shown.role === "listener" || (!steers && !shown.settings.guests_skip)) {
    return null;
  }
  return (
    <span className={styles["skip"]}>
      {inMs !== null && <Countdown jam={jam} />}
      {inMs !== null && steers && (
        <Button weight="danger" onClick={() => void command(() => jam.veto())}>
          {WORDS.veto}
        </Button>
      )}
      {!steers && (
        <Button weight={mine ? "primary" : "quiet"} onClick={() => void command(() => jam.skip(!mine))}>
          {mine ? WORDS.unskip : WORDS.skip}
        </Button>
      )}
      {wanted > 0 && inMs === null && <span className="numbers">{WORDS.skipState(wanted, needed)}</span>}
    </span>
  );
}

function Countdown({ jam }: { jam: Jam }) {
  const seconds = useFrame(
    useCallback(() => Math.ceil((jam.nowPlaying?.skip.inMs ?? 0) / 1000), [jam]),
    POSITION_MS,
  );
  return (
    <strong className="numbers" role="status">
      {WORDS.skipIn(seconds)}
    </strong>
  );
}
