/** What host and co-host choose for everybody. */

import type { Jam, JamSnapshot } from "@tutti/client";
import { Dialog } from "../design/dialog.js";
import { useAttempt } from "../design/use-attempt.js";
import { STRINGS } from "../strings.js";
import { HouseVolume } from "./house-volume.js";
import styles from "./jam-settings.module.css";

const WORDS = STRINGS.jam;

export function JamSettings({ jam, shown, onClose }: { jam: Jam; shown: JamSnapshot; onClose: () => void }) {
  const command = useAttempt();
  const settings = shown.settings as unknown as Readonly<Record<string, unknown>>;
  return (
    <Dialog title={WORDS.settings} onClose={onClose}>
      <label className={styles["mode"]}>
        {WORDS.mode}
        <select
          value={shown.settings.mode}
          onChange={event => {
            const mode = event.target.value;
            void command(() => jam.set({ mode }));
          }}
        >
          {Object.entries(WORDS.modes).map(([mode, label]) => (
            <option key={mode} value={mode}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <HouseVolume jam={jam} volume={shown.settings.volume} />
      <ul className={styles["switches"]}>
        {Object.entries(WORDS.switches).map(([name, label]) => (
          <li key={name}>
            <label>
              <span>{label}</span>
              <input
                type="checkbox"
                role="switch"
                aria-checked={settings[name] === true}
                checked={settings[name] === true}
                onChange={event => {
                  const isOn = event.target.checked;
                  void command(() => jam.set({ [name]: isOn }));
                }}
              />
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
