/** Somebody, as a small round in their colour; and several of them in a row. */

import styles from "./avatar.module.css";
import { useVoices } from "./use-voices.js";
import { initialsOf } from "./voice.js";

/** `isLive`: they hear the music now. `label`: what is said of them, instead of their name. */
export function Avatar({
  user,
  name,
  label = name,
  size = "m",
  isLive = false,
  isAway = false,
}: {
  user: string;
  name: string;
  label?: string;
  size?: "xs" | "s" | "m" | "l";
  isLive?: boolean;
  isAway?: boolean;
}) {
  const voiceOf = useVoices();
  const states = [styles["avatar"], styles[size], isLive && styles["live"], isAway && styles["away"]];
  return (
    <span className={states.filter(Boolean).join(" ")} style={voiceOf(user)} title={label}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      <span className="unseen">{label}</span>
    </span>
  );
}

export interface Shown {
  readonly user: string;
  readonly name: string;
}

/** The first few of many, each person once. `more` says how many are not drawn. */
export function Avatars({
  people,
  most = 5,
  label,
}: {
  people: readonly Shown[];
  most?: number;
  label: string;
}) {
  const once = [...new Map(people.map(person => [person.user, person])).values()];
  const drawn = once.slice(0, most);
  const more = once.length - drawn.length;
  return (
    <ul className={styles["row"]} aria-label={label}>
      {drawn.map(({ user, name }) => (
        <li key={user}>
          <Avatar user={user} name={name} size="s" />
        </li>
      ))}
      {more > 0 && <li className={styles["more"]}>+{more}</li>}
    </ul>
  );
}
