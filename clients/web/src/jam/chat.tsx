/** What people say to each other, and the reactions that fly by. */

import { CallerError, type Jam, type JamSnapshot } from "@tutti/client";
import { SendHorizontal, Trash2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Avatar } from "../design/avatar.js";
import { IconButton } from "../design/button.js";
import { useAttempt } from "../design/use-attempt.js";
import { useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./chat.module.css";
import { isSteering } from "./roles.js";
import { useReactions } from "./use-reactions.js";

const WORDS = STRINGS.jam;
const SAID_MAX = 500;

export function Chat({ jam, shown }: { jam: Jam; shown: JamSnapshot }) {
  const { userId } = useMe();
  const command = useAttempt();
  const [typed, setTyped] = useState("");
  const end = useRef<HTMLOListElement>(null);
  const reactions = useReactions(jam);
  const newest = shown.chat.at(-1)?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is what it scrolls for
  useEffect(() => {
    const list = end.current;
    list?.scrollTo({ top: list.scrollHeight });
  }, [newest]);

  async function say(event: FormEvent): Promise<void> {
    event.preventDefault();
    const text = typed.trim();
    if (text !== "" && (await command(() => jam.say(text)))) {
      setTyped("");
    }
  }

  function type(text: string): void {
    setTyped(text);
    jam.typing(text !== "");
  }

  function react(symbol: string): void {
    try {
      jam.react(symbol);
    } catch (error) {
      // Offline nobody would see it.
      if (!(error instanceof CallerError)) {
        throw error;
      }
    }
  }

  const typing = shown.members.filter(({ user, isTyping }) => isTyping && user !== userId);
  return (
    <div className={styles["chat"]}>
      <ol ref={end} className={styles["messages"]} aria-live="polite" aria-label={WORDS.chat}>
        {shown.chat.length === 0 && <li className={styles["none"]}>{WORDS.noChat}</li>}
        {shown.chat.map(({ id, by, name, text }) => (
          <li key={id} className={styles["message"]} data-mine={by === userId}>
            <Avatar user={by} name={name} size="s" />
            <p>
              <span className={styles["name"]}>{name}</span>
              {text === "" ? <em>{WORDS.deleted}</em> : <span>{text}</span>}
            </p>
            {text !== "" && (by === userId || isSteering(shown.role)) && (
              <IconButton
                label={`${WORDS.remove}: ${text}`}
                className={styles["delete"]}
                onClick={() => void command(() => jam.deleteMessage(id))}
              >
                <Trash2 aria-hidden="true" />
              </IconButton>
            )}
          </li>
        ))}
      </ol>
      <p className={styles["typing"]} role="status">
        {typing.length > 0 && WORDS.typing(typing.map(({ name }) => name).join(", "))}
      </p>
      <div className={styles["reactions"]}>
        {WORDS.reactions.map(symbol => (
          <button key={symbol} type="button" aria-label={WORDS.react(symbol)} onClick={() => react(symbol)}>
            {symbol}
          </button>
        ))}
        <span className={styles["sky"]} aria-hidden="true">
          {reactions.map(({ key, text, place }) => (
            <span key={key} style={{ left: `${place}%` }}>
              {text}
            </span>
          ))}
        </span>
      </div>
      <form onSubmit={event => void say(event)} className={styles["say"]}>
        <input
          aria-label={WORDS.say}
          placeholder={WORDS.say}
          value={typed}
          maxLength={SAID_MAX}
          onChange={event => type(event.target.value)}
          onBlur={() => jam.typing(false)}
          enterKeyHint="send"
          autoComplete="off"
        />
        <IconButton label={WORDS.send} type="submit" weight="primary" disabled={typed.trim() === ""}>
          <SendHorizontal aria-hidden="true" />
        </IconButton>
      </form>
    </div>
  );
}
