/** What is heard here while another page is shown: the song, play and pause for who steers, and the way to its Jam. */

import { useJam } from "@tutti/client/react";
import { Pause, Play, VolumeX } from "lucide-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import { Link } from "wouter";
import { Button, IconButton } from "../design/button.js";
import { useAttempt } from "../design/use-attempt.js";
import { isSteering } from "../jam/roles.js";
import { useHere } from "../session/here.js";
import { Artwork } from "../songs/artwork.js";
import { useSound } from "../sound/use-sound.js";
import { STRINGS } from "../strings.js";
import styles from "./now-bar.module.css";

const WORDS = STRINGS.jam;
const PICTURE_PX = 96;

/** `id`: the Jam that is heard. */
export function NowBar({ id }: { id: string }) {
  const { tutti } = useHere();
  const { view: jam, shown, error } = useJam(tutti, id);
  const { sound, state } = useSound();
  const attempt = useAttempt();
  const bar = useRef<HTMLElement>(null);
  const isOver = error !== null || shown?.status === "ended" || (shown?.error ?? null) !== null;
  const isShown = jam !== null && shown !== null && !isOver;

  useEffect(() => {
    if (isOver) {
      void sound.stop();
    }
  }, [isOver, sound]);

  // Notices and the end of the page stand above it.
  useLayoutEffect(() => {
    const page = document.documentElement.style;
    if (isShown) {
      page.setProperty("--below", `${bar.current?.offsetHeight ?? 0}px`);
    }
    return () => {
      page.removeProperty("--below");
    };
  }, [isShown]);

  if (!isShown) {
    return null;
  }
  const { nowPlaying } = shown;
  const isPlaying = nowPlaying?.isPaused === false;
  const title = nowPlaying?.song.title ?? WORDS.nothingPlays;
  return (
    <aside ref={bar} className={styles["bar"]} aria-label={STRINGS.shell.heard} data-live={isPlaying}>
      <Link
        href={`/jam/${id}`}
        className={styles["way"] ?? ""}
        aria-label={STRINGS.shell.toJam(shown.name, title)}
      >
        {nowPlaying !== null && (
          <Artwork track={nowPlaying.song.track} widthPx={PICTURE_PX} className={styles["cover"] ?? ""} />
        )}
        <span className={styles["words"]}>
          <span className={styles["title"]}>{title}</span>
          <span className={styles["jam"]}>{shown.name}</span>
        </span>
      </Link>
      {state.needsGesture && (
        <Button weight="live" onClick={() => void sound.unlock()}>
          {WORDS.sound.start}
        </Button>
      )}
      {isSteering(shown.role) && (
        <IconButton
          weight="primary"
          label={isPlaying ? WORDS.pause : WORDS.play}
          disabled={nowPlaying === null && shown.queue.length === 0}
          onClick={() => void attempt(() => (isPlaying ? jam.pause() : jam.play()))}
        >
          {isPlaying ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
        </IconButton>
      )}
      <IconButton label={WORDS.sound.stop} onClick={() => void sound.stop()}>
        <VolumeX aria-hidden="true" />
      </IconButton>
    </aside>
  );
}
