/** Something that moves by itself, read as often as it is worth drawing. */

import { useEffect, useState } from "react";

/** `read` is called every `everyMs` while the page is seen; what it gives is drawn when it is another. */
export function useFrame<T>(read: () => T, everyMs: number): T {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const look = () => setValue(read);
    look();
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [read, everyMs]);
  return value;
}
