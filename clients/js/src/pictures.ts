/**
 * Pictures of tracks, in several sizes.
 *
 * Knows sizes. Does not know where pictures come from; anybody may fetch one who has its address.
 */

/** `width` and `height` are pixels, null where the server does not say. */
export interface Picture {
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** The address of the smallest picture that is at least so many pixels wide, else of the widest; empty: there is none. */
export function artworkUrl({ pictures }: { readonly pictures: readonly Picture[] }, widthPx: number): string {
  const shown = pictures.filter(({ url }) => /^https?:\/\//i.test(url));
  const byWidth = [...shown].sort((one, other) => (one.width ?? 0) - (other.width ?? 0));
  const chosen = byWidth.find(({ width }) => (width ?? 0) >= widthPx) ?? byWidth.at(-1);
  return chosen?.url ?? "";
}
