/** The head of a Jam's page: its name, who is here, the way in for others, its settings and the way out. */

import { CommandRefused, type Jam, type JamSnapshot } from "@tutti/client";
import { DoorOpen, Ellipsis, LogOut, QrCode, Settings2, Volume2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { Avatars } from "../design/avatar.js";
import { Button } from "../design/button.js";
import { Dialog } from "../design/dialog.js";
import { Menu } from "../design/menu.js";
import { useNotify } from "../design/notices.js";
import { useAttempt } from "../design/use-attempt.js";
import { ToLibrary } from "../shell/to-library.js";
import { useSound } from "../sound/use-sound.js";
import { STRINGS } from "../strings.js";
import { HouseVolume } from "./house-volume.js";
import { Invite } from "./invite.js";
import styles from "./jam-heading.module.css";
import { JamSettings } from "./jam-settings.js";
import { isSteering } from "./roles.js";

const WORDS = STRINGS.jam;

export function JamHeading({ jam, shown }: { jam: Jam; shown: JamSnapshot }) {
  const [open, setOpen] = useState<"invite" | "settings" | "volume" | null>(null);
  const { sound, state } = useSound();
  const command = useAttempt();
  const notify = useNotify();
  const [, go] = useLocation();
  const steers = isSteering(shown.role);
  const mayInvite = steers || (shown.role === "guest" && shown.settings.guests_invite);
  const maySetVolume = shown.role === "guest" && shown.settings.guests_volume;
  const here = shown.members.filter(({ isHere }) => isHere);

  async function leave(): Promise<void> {
    try {
      await jam.leave();
    } catch (error) {
      if (error instanceof CommandRefused && error.code === "host_leaves") {
        notify({ words: WORDS.handOverOrEnd, isError: true });
        return;
      }
      throw error;
    }
    if (state.jam === jam.id) {
      await sound.stop();
    }
    go("/");
  }

  return (
    <header className={styles["heading"]}>
      <div className={styles["names"]}>
        <ToLibrary />
        <h1>{shown.name}</h1>
      </div>
      <div className={styles["tools"]}>
        {here.length > 1 && <Avatars people={here} label={WORDS.listeners(here.length)} />}
        {mayInvite && (
          <Button icon={<QrCode aria-hidden="true" />} onClick={() => setOpen("invite")}>
            {WORDS.invite}
          </Button>
        )}
        <Menu
          label={STRINGS.more}
          icon={<Ellipsis aria-hidden="true" />}
          choices={[
            ...(steers
              ? [{ label: WORDS.settings, icon: <Settings2 />, onChoose: () => setOpen("settings") }]
              : []),
            ...(maySetVolume
              ? [{ label: WORDS.volume, icon: <Volume2 />, onChoose: () => setOpen("volume") }]
              : []),
            ...(shown.role === "host"
              ? [
                  {
                    label: WORDS.end,
                    icon: <DoorOpen />,
                    isDangerous: true,
                    onChoose: () => void command(() => jam.end()),
                  },
                ]
              : []),
            {
              label: WORDS.leave,
              icon: <LogOut />,
              isDangerous: true,
              onChoose: () => void command(leave),
            },
          ]}
        />
      </div>
      {open === "invite" && <Invite jam={jam} canRotate={steers} onClose={() => setOpen(null)} />}
      {open === "volume" && (
        <Dialog title={shown.name} onClose={() => setOpen(null)}>
          <HouseVolume jam={jam} volume={shown.settings.volume} />
        </Dialog>
      )}
      {open === "settings" && <JamSettings jam={jam} shown={shown} onClose={() => setOpen(null)} />}
    </header>
  );
}
