/** A song's cover, asked of the server's catalogue once; a mark of its own where there is none. */

import { artworkUrl, type Entry, type FoundTrack, type Tutti } from "@tutti/client";
import { Music2 } from "lucide-react";
import { useEffect, useState } from "react";
import { voiceOf } from "../design/voice.js";
import { useHere } from "../session/here.js";
import styles from "./artwork.module.css";

const OURS = "tutti:track:";
/** More than a page shows at a time; the oldest is asked for again. */
const KEPT_MAX = 500;
const asked = new Map<string, Promise<FoundTrack | null>>();

export function Artwork({ track, widthPx, className }: { track: Entry; widthPx: number; className: string }) {
  const { tutti } = useHere();
  const uri = String(track["track"]);
  const [found, setFound] = useState<{ uri: string; url: string } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void lookedUp(tutti, uri).then(
      song => isWanted && setFound({ uri, url: song === null ? "" : artworkUrl(song, widthPx) }),
    );
    return () => {
      isWanted = false;
    };
  }, [tutti, uri, widthPx]);
  const url = found?.uri === uri ? found.url : "";
  if (url === "") {
    return (
      <span className={`${styles["mark"]} ${className}`} style={voiceOf(uri)} aria-hidden="true">
        <Music2 />
      </span>
    );
  }
  return <img className={className} src={url} alt="" />;
}

function lookedUp(tutti: Tutti, uri: string): Promise<FoundTrack | null> {
  if (!uri.startsWith(OURS)) {
    return Promise.resolve(null);
  }
  const known = asked.get(uri);
  if (known !== undefined) {
    return known;
  }
  const looking = tutti.track(uri).catch(() => {
    asked.delete(uri);
    return null;
  });
  asked.set(uri, looking);
  if (asked.size > KEPT_MAX) {
    const [oldest] = asked.keys();
    asked.delete(oldest ?? "");
  }
  return looking;
}
