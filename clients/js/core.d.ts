/** What the pure cores may use beside the language: no clock, no timers, no I/O, no page. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
