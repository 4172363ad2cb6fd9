/** The page's sound, for components. */

import { useSyncExternalStore } from "react";
import { Sound, type SoundState } from "./sound.js";

const sound = new Sound();

export function useSound(): { sound: Sound; state: SoundState } {
  return { sound, state: useSyncExternalStore(sound.subscribe, sound.getSnapshot) };
}
