/** A drawing as a photograph: what messengers show and SVG is not. Knows the browser's canvas. */

/** Rejects where the browser cannot draw it. */
export async function pngOf(svgUrl: string, widthPx: number, heightPx: number): Promise<Blob> {
  const image = new Image(widthPx, heightPx);
  image.src = svgUrl;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = widthPx;
  canvas.height = heightPx;
  canvas.getContext("2d")?.drawImage(image, 0, 0, widthPx, heightPx);
  const png = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, "image/png"));
  if (png === null) {
    throw new Error("The canvas gives no picture.");
  }
  return png;
}
