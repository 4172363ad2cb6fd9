/** For who hears an echo beside others: how much earlier this output plays, behind one button. */

import type { Nudge } from "@tutti/client/player";
import { useShown } from "@tutti/client/react";
import { RotateCcw, SlidersHorizontal } from "lucide-react";
import { useId, useState } from "react";
import { IconButton } from "../design/button.js";
import { STRINGS } from "../strings.js";
import styles from "./sound-control.module.css";

const WORDS = STRINGS.jam.sound;
/** As far as the SDK goes; in steps that an ear tells apart. */
const REACH_MS = 500;
const STEP_MS = 5;

export function NudgeControl({ nudge }: { nudge: Nudge }) {
  const [isOpen, setOpen] = useState(false);
  const { ms, output } = useShown(nudge);
  const id = useId();
  return (
    <>
      <IconButton
        label={WORDS.nudge}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <SlidersHorizontal aria-hidden="true" />
      </IconButton>
      {isOpen && (
        <div id={id} className={styles["nudge"]}>
          <p id={`${id}-lead`}>
            {WORDS.nudgeLead} {output}
          </p>
          <input
            type="range"
            min={-REACH_MS}
            max={REACH_MS}
            step={STEP_MS}
            value={ms}
            aria-label={WORDS.nudge}
            aria-describedby={`${id}-lead`}
            aria-valuetext={WORDS.nudgeOf(ms)}
            onChange={event => nudge.set(Number(event.target.value))}
          />
          <span className="numbers" aria-hidden="true">
            {WORDS.nudgeOf(ms)}
          </span>
          <IconButton label={WORDS.nudgeReset} disabled={ms === 0} onClick={() => nudge.set(0)}>
            <RotateCcw aria-hidden="true" />
          </IconButton>
        </div>
      )}
    </>
  );
}
