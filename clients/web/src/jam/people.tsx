/** Who is in the Jam, what they may do, and who waits at the door. */

import type { Jam, JamSnapshot, Person } from "@tutti/client";
import { Ellipsis } from "lucide-react";
import { Avatar } from "../design/avatar.js";
import { Button } from "../design/button.js";
import { Menu } from "../design/menu.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./people.module.css";
import { isSteering } from "./roles.js";

const WORDS = STRINGS.jam;
const STANDINGS = ["cohost", "guest", "listener"] as const;

export function People({ jam, shown }: { jam: Jam; shown: JamSnapshot }) {
  const command = useAttempt();
  const steers = isSteering(shown.role);
  return (
    <div className={styles["people"]}>
      {steers && shown.waiting.length > 0 && (
        <section className={styles["door"]}>
          <h3>{WORDS.waiting}</h3>
          <ul>
            {shown.waiting.map(({ user, name }) => (
              <li key={user}>
                <Avatar user={user} name={name} size="s" />
                <span className={styles["name"]}>{name}</span>
                <Button weight="primary" onClick={() => void command(() => jam.approve(user))}>
                  {WORDS.approve}
                </Button>
                <Button onClick={() => void command(() => jam.deny(user))}>{WORDS.deny}</Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <ul>
        {shown.members.map(person => (
          <PersonRow key={person.user} jam={jam} person={person} shown={shown} />
        ))}
      </ul>
    </div>
  );
}

function PersonRow({ jam, person, shown }: { jam: Jam; person: Person; shown: JamSnapshot }) {
  const { user, name, role, isHere } = person;
  const { userId } = useMe();
  const command = useAttempt();
  const notify = useNotify();
  const isHost = shown.role === "host";
  const mayChange = isSteering(shown.role) && user !== userId && role !== "host";

  async function kick(): Promise<void> {
    if (await command(() => jam.kick(user))) {
      notify({ words: WORDS.kicked(name) });
    }
  }

  const choices = [
    ...(isHost ? [{ label: WORDS.makeHost, onChoose: () => void command(() => jam.handOver(user)) }] : []),
    ...STANDINGS.filter(each => each !== role && (isHost || each !== "cohost")).map(each => ({
      label: WORDS.promote((WORDS.roles[each] ?? each).toLowerCase()),
      onChoose: () => void command(() => jam.promote(user, each)),
    })),
    { label: WORDS.kick, isDangerous: true, onChoose: () => void kick() },
  ];
  return (
    <li>
      <Avatar user={user} name={name} size="s" isAway={!isHere} isLive={isHere && role === "host"} />
      <span className={styles["name"]}>
        {name}
        {user === userId && ` (${STRINGS.share.you})`}
      </span>
      <span className={styles["role"]}>
        {WORDS.roles[role] ?? role}
        {!isHere && `, ${WORDS.away}`}
      </span>
      {mayChange ? (
        <Menu label={WORDS.actionsOf(name)} icon={<Ellipsis aria-hidden="true" />} choices={choices} />
      ) : (
        <span />
      )}
    </li>
  );
}
