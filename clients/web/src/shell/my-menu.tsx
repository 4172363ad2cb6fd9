/** Whoever is here: their name, another name, how the page looks. */

import { FileHeart, Monitor, Moon, PencilLine, Smartphone, Sun } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Avatar } from "../design/avatar.js";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { Field } from "../design/field.js";
import { Menu } from "../design/menu.js";
import { chooseTheme } from "../design/theme.js";
import { sentenceOf } from "../sentence.js";
import { useLibrary, useMe } from "../session/here.js";
import { STRINGS } from "../strings.js";
import { MyData } from "./my-data.js";
import { OtherDevice } from "./other-device.js";

const WORDS = STRINGS.shell;

export function MyMenu() {
  const { userId, name } = useMe();
  const [shownName, setShownName] = useState(name);
  const [open, setOpen] = useState<"rename" | "device" | "data" | null>(null);
  return (
    <>
      <Menu
        label={`${WORDS.you}: ${shownName || name}`}
        icon={<Avatar user={userId} name={shownName || name} />}
        choices={[
          { label: WORDS.rename, icon: <PencilLine />, onChoose: () => setOpen("rename") },
          { label: WORDS.device, icon: <Smartphone />, onChoose: () => setOpen("device") },
          { label: WORDS.data, icon: <FileHeart />, onChoose: () => setOpen("data") },
          { label: WORDS.theme.auto, icon: <Monitor />, onChoose: () => chooseTheme("auto") },
          { label: WORDS.theme.light, icon: <Sun />, onChoose: () => chooseTheme("light") },
          { label: WORDS.theme.dark, icon: <Moon />, onChoose: () => chooseTheme("dark") },
        ]}
      />
      {open === "rename" && (
        <Rename name={shownName || name} onClose={() => setOpen(null)} onRenamed={setShownName} />
      )}
      {open === "data" && <MyData userId={userId} onClose={() => setOpen(null)} />}
      {open === "device" && <OtherDevice onClose={() => setOpen(null)} />}
    </>
  );
}

function Rename({
  name: before,
  onClose,
  onRenamed,
}: {
  name: string;
  onClose: () => void;
  onRenamed: (name: string) => void;
}) {
  const library = useLibrary();
  const [name, setName] = useState(before);
  const [error, setError] = useState<string>();

  async function rename(event: FormEvent): Promise<void> {
    event.preventDefault();
    try {
      const written = await library?.rename(name);
      onRenamed(written ?? before);
      onClose();
    } catch (cause) {
      setError(sentenceOf(cause));
    }
  }

  return (
    <Dialog
      title={WORDS.rename}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{STRINGS.cancel}</Button>
          <Button weight="primary" type="submit" form="rename" isBusy={library === null}>
            {WORDS.rename}
          </Button>
        </>
      }
    >
      <form id="rename" onSubmit={event => void rename(event)}>
        <Field
          label={STRINGS.signIn.name}
          {...(error !== undefined && { error })}
          value={name}
          onChange={event => setName(event.target.value)}
          required
          maxLength={80}
          autoFocus
        />
      </form>
    </Dialog>
  );
}
