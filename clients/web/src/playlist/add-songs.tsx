/** Where songs come from: links that somebody pastes. */

import { CallerError, type Playlist } from "@tutti/client";
import { Link2, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.js";
import { Field } from "../design/field.js";
import { useNotify } from "../design/notices.js";
import { STRINGS } from "../strings.js";
import { tracksIn } from "./links.js";

const WORDS = STRINGS.playlist.add;

export function AddSongs({ playlist }: { playlist: Playlist }) {
  const notify = useNotify();
  const [typed, setTyped] = useState("");
  const tracks = tracksIn(typed);

  function add(event: FormEvent): void {
    event.preventDefault();
    if (tracks.length === 0) {
      return;
    }
    try {
      playlist.endStep();
      playlist.append(tracks);
      setTyped("");
    } catch (error) {
      if (!(error instanceof CallerError)) {
        throw error;
      }
      notify({ words: error.message, isError: true });
    }
  }

  return (
    <form onSubmit={add} role="search">
      <Field
        label={WORDS.label}
        isLabelShown={false}
        placeholder={WORDS.placeholder}
        value={typed}
        onChange={event => setTyped(event.target.value)}
        spellCheck={false}
        enterKeyHint="done"
        end={
          tracks.length > 0 ? (
            <Button type="submit" weight="primary" icon={<Plus aria-hidden="true" />}>
              {WORDS.pasted(tracks.length)}
            </Button>
          ) : (
            <Link2 aria-hidden="true" />
          )
        }
      />
    </form>
  );
}
