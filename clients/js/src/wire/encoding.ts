/**
 * How messages are written: what the two subprotocols differ in.
 *
 * `json` is always there; MessagePack is handed in by who wants it (`@tutti/client/msgpack`). An encoding turns
 * plain values into bytes and back and bounds what that may cost. Which values are messages is `codec`'s.
 */

/** What a socket takes and gives for one frame: text in JSON, bytes in MessagePack. */
export type Payload = string | Uint8Array;

/** One of the two subprotocols. */
export interface Encoding {
  /** The subprotocol's name. */
  readonly protocol: string;
  /** How many bytes of a large frame one part carries. */
  readonly partBytes: number;

  /** One message, to be joined with others into a frame. */
  encode(message: object): Uint8Array;

  /** A frame's bytes that hold these messages. */
  join(encoded: readonly Uint8Array[]): Uint8Array;

  /** A frame's bytes as they go into the socket. */
  payload(frame: Uint8Array): Payload;

  /**
   * The value in a frame, of plain values, with bytes as Uint8Array. Numbers and text are not judged yet.
   * Throws BadMessage.
   */
  decode(payload: Payload): unknown;
}

/** Puts the pieces one behind the other. */
export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
