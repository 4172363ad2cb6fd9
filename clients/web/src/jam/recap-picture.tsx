/** An evening as a picture, and the way to whoever should see it: the device's own sharing, or else a download. */

import type { Jam } from "@tutti/client";
import { Share2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../design/button.js";
import { useNotify } from "../design/notices.js";
import { STRINGS } from "../strings.js";
import { pngOf } from "./png.js";
import styles from "./recap.module.css";

const WORDS = STRINGS.jam.recap;
/** Twice the size that the server draws: sharp where it is looked at closely. */
const WIDTH_PX = 2400;
const HEIGHT_PX = 1260;
/** By then a browser has begun to read what it downloads. */
const READ_MS = 10_000;

export function RecapPicture({ jam, name }: { jam: Jam; name: string }) {
  const [drawing, setDrawing] = useState<{ svg: Blob; address: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const notify = useNotify();

  useEffect(() => {
    let made = "";
    let isWanted = true;
    jam.recapPicture().then(
      text => {
        if (isWanted) {
          const svg = new Blob([text], { type: "image/svg+xml" });
          made = URL.createObjectURL(svg);
          setDrawing({ svg, address: made });
        }
      },
      // The evening stands below it in words all the same.
      () => undefined,
    );
    return () => {
      isWanted = false;
      URL.revokeObjectURL(made);
    };
  }, [jam]);

  if (drawing === null) {
    return null;
  }
  const { svg, address } = drawing;

  async function share(): Promise<void> {
    setBusy(true);
    const file = await fileOf(svg, address, name);
    if (!(await isShared(file, name))) {
      download(file);
      notify({ words: WORDS.pictureSaved });
    }
    setBusy(false);
  }

  return (
    <figure className={styles["picture"]}>
      <img src={address} alt={WORDS.pictureOf(name)} />
      <Button icon={<Share2 aria-hidden="true" />} isBusy={isBusy} onClick={() => void share()}>
        {WORDS.picture}
      </Button>
    </figure>
  );
}

/** What a canvas makes of it, else the drawing itself. */
async function fileOf(svg: Blob, address: string, name: string): Promise<File> {
  try {
    return new File([await pngOf(address, WIDTH_PX, HEIGHT_PX)], `${name}.png`, { type: "image/png" });
  } catch {
    return new File([svg], `${name}.svg`, { type: "image/svg+xml" });
  }
}

/** Whether the device took it, or somebody changed their mind. */
async function isShared(file: File, title: string): Promise<boolean> {
  const sent = { files: [file], title };
  if (navigator.canShare?.(sent) !== true) {
    return false;
  }
  try {
    await navigator.share(sent);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError";
  }
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}
