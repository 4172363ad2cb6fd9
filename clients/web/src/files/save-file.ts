/** Hands contents to the browser as a download. Knows the browser. Does not know what they are. */

/** How long a browser may take to fetch what it was handed. */
const KEPT_MS = 60_000;

// What file systems take as it is, in no script's letters in particular; controls and what leads elsewhere are not.
const UNFIT = /[\p{C}\p{Z}/\\<>:"|?*]+/gu;
const CHARS_MAX = 80;

export function saveFile(contents: Uint8Array, title: string, ending: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(contents)]));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${fileName(title)}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** The name of a file that is called as a playlist, without what no file may be called. */
export function fileName(title: string): string {
  const name = [...title.replace(UNFIT, " ")].slice(0, CHARS_MAX).join("");
  return name.replace(/^[\s.]+|[\s.]+$/g, "") || "playlist";
}
