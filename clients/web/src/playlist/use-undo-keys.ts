/** Undo and redo by the keys that everybody knows, wherever on the page nothing is typed. */

import type { Playlist } from "@tutti/client";
import { useEffect } from "react";

export function useUndoKeys(playlist: Playlist): void {
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      const key = event.key.toLowerCase();
      if (isTyping || !(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y") || !playlist.isOpen) {
        return;
      }
      event.preventDefault();
      if (key === "y" || event.shiftKey) {
        playlist.redo();
      } else {
        playlist.undo();
      }
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [playlist]);
}
