/**
 * Close codes, and what each tells the client to do.
 *
 * 4000–4099 do not come back unchanged, 4100–4199 back off, 4200–4299 come back now. Details travel in
 * `goodbye`, because a close reason holds 123 bytes.
 */

export const CloseCode = {
  BAD_MESSAGE: 4000,
  TOO_LARGE: 4001,
  UNAUTHENTICATED: 4002,
  HELLO_TIMEOUT: 4003,
  FORBIDDEN_ORIGIN: 4004,
  BAD_SUBPROTOCOL: 4005,
  CLIENT_TAKEN: 4006,
  FLOOD: 4007,
  TOKEN_EXPIRED: 4010,

  OVERLOADED: 4100,
  TOO_MANY_SOCKETS: 4101,
  INTERNAL: 4102,

  SLOW_CONSUMER: 4200,
  DRAIN: 4201,
} as const;

export type Advice = "stop" | "back_off" | "come_back";

/** What a client does after a close code. Codes that are not ours (1006, a proxy's 1001) mean back off. */
export function advice(code: number): Advice {
  if (code >= 4000 && code < 4100) {
    return "stop";
  }
  if (code >= 4200 && code < 4300) {
    return "come_back";
  }
  return "back_off";
}
