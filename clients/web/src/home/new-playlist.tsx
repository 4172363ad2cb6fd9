/** Asks what a new playlist is called, makes it and goes there. */

import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { Field } from "../design/field.js";
import { sentenceOf } from "../sentence.js";
import { useLibrary } from "../session/here.js";
import { STRINGS } from "../strings.js";

const WORDS = STRINGS.home;

export function NewPlaylist({ onClose }: { onClose: () => void }) {
  const library = useLibrary();
  const [, go] = useLocation();
  const [name, setName] = useState("");
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (library === null) {
      return;
    }
    setBusy(true);
    try {
      const { id } = await library.createPlaylist(name.trim() || WORDS.suggested);
      onClose();
      go(`/p/${id}`);
    } catch (cause) {
      setError(sentenceOf(cause));
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={WORDS.newPlaylist}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{STRINGS.cancel}</Button>
          <Button weight="primary" type="submit" form="new-playlist" isBusy={isBusy}>
            {WORDS.create}
          </Button>
        </>
      }
    >
      <form id="new-playlist" onSubmit={event => void create(event)}>
        <Field
          label={WORDS.name}
          {...(error !== undefined && { error })}
          placeholder={WORDS.suggested}
          value={name}
          onChange={event => setName(event.target.value)}
          maxLength={200}
          autoFocus
        />
      </form>
    </Dialog>
  );
}
