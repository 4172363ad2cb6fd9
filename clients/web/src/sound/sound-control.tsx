/** Whether the Jam is heard on this device, how loud, and how well in step with the others. */

import type { Jam } from "@tutti/client";
import { Volume2, VolumeX } from "lucide-react";
import { useCallback } from "react";
import { Button, IconButton } from "../design/button.js";
import { useHere } from "../session/here.js";
import { STRINGS } from "../strings.js";
import { Lacks } from "./lacks.js";
import { NudgeControl } from "./nudge-control.js";
import styles from "./sound-control.module.css";
import { useFrame } from "./use-frame.js";
import { useSound } from "./use-sound.js";

const WORDS = STRINGS.jam.sound;
const METER_MS = 500;

export function SoundControl({ jam }: { jam: Jam }) {
  const { tutti } = useHere();
  const { sound, state } = useSound();
  const isHere = state.jam === jam.id;
  if (!isHere) {
    return (
      <Button
        weight="live"
        icon={<Volume2 aria-hidden="true" />}
        onClick={() => void sound.start(tutti, jam)}
        className={styles["start"]}
      >
        {WORDS.start}
      </Button>
    );
  }
  return (
    <div className={styles["sound"]}>
      <IconButton label={WORDS.stop} onClick={() => void sound.stop()}>
        <VolumeX aria-hidden="true" />
      </IconButton>
      <input
        type="range"
        min="0"
        max="100"
        aria-label={WORDS.volume}
        value={state.volume}
        onChange={event => sound.setVolume(Number(event.target.value))}
      />
      <Meter jam={jam} />
      {state.nudge !== null && <NudgeControl nudge={state.nudge} />}
      {state.needsGesture && (
        <Button weight="live" onClick={() => void sound.unlock()}>
          {WORDS.start}
        </Button>
      )}
      {state.problems.map(({ code, track, message }) => (
        <p key={`${code} ${track}`} className={styles["problem"]} role="status">
          {message}
        </p>
      ))}
      <Lacks lacks={state.lacks} />
    </div>
  );
}

/** How far off this device is: three bars, and the number for who wants it. */
function Meter({ jam }: { jam: Jam }) {
  const sync = useFrame(
    useCallback(() => {
      const { errorMs, isLocked } = jam.sync;
      return errorMs === null ? "" : `${isLocked ? "locked" : "locking"} ${Math.abs(errorMs).toFixed(1)}`;
    }, [jam]),
    METER_MS,
  );
  const [kind = "silent", ms = ""] = sync.split(" ");
  const words = kind === "locked" ? WORDS.locked(ms) : kind === "locking" ? WORDS.locking : WORDS.silent;
  return (
    <span className={styles["meter"]} data-kind={kind} title={words}>
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      <span className={styles["words"]}>{words}</span>
    </span>
  );
}
