/** Who belongs to a playlist and may do what; and links that let others in. */

import type { PlaylistMember, PlaylistSnapshot } from "@tutti/client";
import { Copy, UserMinus } from "lucide-react";
import { useCallback, useEffect, useId, useState } from "react";
import { Avatar } from "../design/avatar.js";
import { Button, IconButton } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { useNotify } from "../design/notices.js";
import { Select } from "../design/select.js";
import { useAttempt } from "../design/use-attempt.js";
import { useLibrary, useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import styles from "./share.module.css";

const WORDS = STRINGS.share;
const ROLES = ["viewer", "editor", "owner"] as const;

export function Share({ shown, onClose }: { shown: PlaylistSnapshot; onClose: () => void }) {
  const library = useLibrary();
  const { userId } = useMe();
  const notify = useNotify();
  const attempt = useAttempt();
  const [members, setMembers] = useState<readonly PlaylistMember[]>([]);
  const [link, setLink] = useState<string | null>(null);
  const [role, setRole] = useState<"editor" | "viewer">("editor");
  const whoever = useId();
  const isOwner = shown.role === "owner";
  const { id } = shown;

  const refresh = useCallback(
    () => attempt(async () => setMembers((await library?.members(id)) ?? [])),
    [attempt, library, id],
  );
  useEffect(() => void refresh(), [refresh]);

  function makeLink(): Promise<boolean> {
    return attempt(async () => {
      const made = await library?.invite(id, role);
      if (made !== undefined) {
        const address = `${window.location.origin}/invite#${made.secret}`;
        setLink(address);
        await copied(address);
      }
    });
  }

  /** Where the page may write to the clipboard; elsewhere the link stands there to be copied by hand. */
  async function copied(address: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      notify({ words: WORDS.copied });
    } catch {
      // Plain http has no clipboard.
    }
  }

  return (
    <Dialog title={WORDS.title(shown.name)} onClose={onClose}>
      {isOwner && (
        <section className={styles["link"]}>
          <div className={styles["role"]}>
            <label htmlFor={whoever}>
              {WORDS.whoever} <span className={styles["hint"]}>{WORDS.until}</span>
            </label>
            <Select
              id={whoever}
              value={role}
              onChange={event => setRole(event.target.value === "viewer" ? "viewer" : "editor")}
            >
              <option value="editor">{WORDS.may.editor}</option>
              <option value="viewer">{WORDS.may.viewer}</option>
            </Select>
          </div>
          <Button weight="primary" icon={<Copy aria-hidden="true" />} onClick={() => void makeLink()}>
            {WORDS.make}
          </Button>
          {link !== null && (
            <input
              className={styles["address"]}
              aria-label={WORDS.address}
              readOnly
              value={link}
              onFocus={event => event.target.select()}
            />
          )}
        </section>
      )}
      <section>
        <h3 className={styles["subtitle"]}>{WORDS.members}</h3>
        <ul className={styles["members"]}>
          {members.map(({ id: user, name, role: theirs }) => (
            <li key={user}>
              <Avatar user={user} name={name ?? STRINGS.home.gone} size="s" />
              <span className={styles["name"]}>{name ?? STRINGS.home.gone}</span>
              {isOwner && user !== userId ? (
                <>
                  <Select
                    aria-label={WORDS.roleOf(name ?? STRINGS.home.gone)}
                    value={theirs}
                    onChange={event => {
                      const chosen = event.target.value;
                      void attempt(async () => {
                        await library?.setRole(id, user, chosen);
                        await refresh();
                      });
                    }}
                  >
                    {ROLES.map(each => (
                      <option key={each} value={each}>
                        {WORDS.roles[each]}
                      </option>
                    ))}
                  </Select>
                  <IconButton
                    label={WORDS.takeOut(name ?? STRINGS.home.gone)}
                    onClick={() =>
                      void attempt(async () => {
                        await library?.removeMember(id, user);
                        await refresh();
                      })
                    }
                  >
                    <UserMinus aria-hidden="true" />
                  </IconButton>
                </>
              ) : (
                <span className={styles["hint"]}>
                  {WORDS.roles[theirs as (typeof ROLES)[number]] ?? theirs}
                  {user === userId && ` · ${WORDS.you}`}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
    </Dialog>
  );
}
