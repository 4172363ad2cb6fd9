// A page that plays samples when it is told to, by plain Web Audio: what the tool is proved with.

/** How long the output is watched: some buffers of the device. */
const WATCHED_MS = 1_000;

const context = new AudioContext();
let buffer;
/** What is heard of the context is ahead of the page's true time by this, as the browser says. */
let aheadMs = 0;

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

function saidMs() {
  const { contextTime, performanceTime } = context.getOutputTimestamp();
  return contextTime * 1000 - (device.trueMs() - performance.now() + performanceTime);
}

window.plain = {
  rate: context.sampleRate,

  /** Takes 16-bit samples in base64. */
  async load(text) {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), sample => sample / 32768);
    buffer = context.createBuffer(1, samples.length, context.sampleRate);
    buffer.copyToChannel(samples, 0);
    await context.resume();
    const said = [];
    for (const untilMs = device.trueMs() + WATCHED_MS; device.trueMs() < untilMs; await wait(20)) {
      said.push(saidMs());
    }
    aheadMs = said.sort((one, other) => one - other)[said.length >> 1];
  },

  /** It is heard from this true time of the page on. */
  play(atMs) {
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.start((atMs + aheadMs) / 1000);
  },
};
