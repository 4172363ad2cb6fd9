// Every clock that a page or a worker can read, wrong by as much as a test says: `aheadMs`, and `ppm` more for
// every second since `sinceMs`. Runs before anything else there. Comes back with what the time really is, ms since 1970, and
// with what `performance.now` shows now when it would have shown something else.
({ aheadMs, ppm, sinceMs }) => {
  const shown = Performance.prototype.now.bind(performance);
  const origin = performance.timeOrigin;
  const trueMs = () => origin + shown();
  const wrong = ms => ms + aheadMs + ((ms - sinceMs) * ppm) / 1e6;
  // `performance.now` may begin anywhere from 0 on: three hours leave room for being one behind.
  const wrongOrigin = wrong(origin) - 10_800_000 - aheadMs;
  const wrongNow = ms => wrong(origin + ms) - wrongOrigin;

  const getter = (of, name, get) => Object.defineProperty(of, name, { get, configurable: true });
  Performance.prototype.now = () => wrongNow(shown());
  getter(Performance.prototype, "timeOrigin", () => wrongOrigin);
  const { get: stamp } = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp");
  getter(Event.prototype, "timeStamp", function () {
    return wrongNow(stamp.call(this));
  });
  globalThis.Date = new Proxy(Date, {
    construct: (made, given, as) => Reflect.construct(made, given.length ? given : [wrong(trueMs())], as),
    apply: () => new Date().toString(),
    get: (made, name) => (name === "now" ? () => Math.floor(wrong(trueMs())) : Reflect.get(made, name)),
  });
  if (globalThis.requestAnimationFrame !== undefined) {
    const request = globalThis.requestAnimationFrame.bind(globalThis);
    globalThis.requestAnimationFrame = call => request(ms => call(wrongNow(ms)));
  }
  return { trueMs, trueOf: ms => origin + ms, wrongNow };
}
