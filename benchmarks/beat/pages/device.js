// A listener's device: its clocks are wrong, its loudspeaker is later by `lateMs` than the browser's own and says so,
// it stands still when it is told to, and all that a page gives to the loudspeaker is also heard by a tape. The tape
// goes to the desk, which has the true time. Runs before the page does.
(wrongTime, { lateMs, ...wrong }) => {
  const { trueMs, trueOf, wrongNow } = wrongTime(wrong);
  const Socket = globalThis.WebSocket;
  const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

  // -- workers have clocks, too ----------------------------------------------------------------------------

  const script = text => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const clocks = script(`(${wrongTime})(${JSON.stringify(wrong)});`);
  globalThis.Worker = class extends Worker {
    constructor(url, options = {}) {
      const both = [clocks, new URL(url, document.baseURI).href].map(each => JSON.stringify(each));
      const load = options.type === "module" ? each => `import ${each};` : each => `importScripts(${each});`;
      super(script(both.map(load).join("\n")), options);
    }
  };

  // -- the desk --------------------------------------------------------------------------------------------

  let desk = null;

  /** Resolves when the desk listens and knows by how much its clock is ahead of ours: at least and at most. */
  const join = async (url, times) => {
    desk = new Socket(url);
    await new Promise((resolve, reject) => {
      desk.onopen = resolve;
      desk.onerror = () => reject(new Error("The desk does not answer."));
    });
    const bounds = { leastMs: Number.NEGATIVE_INFINITY, mostMs: Number.POSITIVE_INFINITY };
    for (let probe = 0; probe < times; probe += 1) {
      const sentMs = trueMs();
      const [deskMs, cameMs] = await new Promise(resolve => {
        desk.onmessage = ({ data }) => resolve([Number(data), trueMs()]);
        desk.send("");
      });
      bounds.leastMs = Math.max(bounds.leastMs, deskMs - cameMs);
      bounds.mostMs = Math.min(bounds.mostMs, deskMs - sentMs);
    }
    desk.send(JSON.stringify(bounds));
  };

  // -- the loudspeaker -------------------------------------------------------------------------------------

  const PIECE_FRAMES = 4_096;
  const tap = script(`registerProcessor("tap", class extends AudioWorkletProcessor {
    #piece = new Int16Array(${PIECE_FRAMES});
    #size = 0;
    #next = null;
    process([[samples]]) {
      this.port.postMessage(currentFrame);
      this.#next ??= currentFrame;
      // Now and then the browser renders a quantum without asking us: the tape has silence there.
      while (this.#next < currentFrame) {
        this.#keep();
      }
      this.#keep(samples);
      return true;
    }
    #keep(samples) {
      for (let index = 0; index < 128; index += 1) {
        this.#piece[this.#size + index] = Math.max(-1, Math.min(1, samples?.[index] ?? 0)) * 32767;
      }
      this.#size += 128;
      this.#next += 128;
      if (this.#size === ${PIECE_FRAMES}) {
        this.port.postMessage([this.#next - this.#size, this.#piece], [this.#piece.buffer]);
        this.#piece = new Int16Array(${PIECE_FRAMES});
        this.#size = 0;
      }
    }
  });`);

  const connect = AudioNode.prototype.connect;
  const disconnect = AudioNode.prototype.disconnect;
  const timestamp = AudioContext.prototype.getOutputTimestamp;
  const { get: latency } = Object.getOwnPropertyDescriptor(AudioContext.prototype, "outputLatency");
  const { get: state } = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state");
  /** What stands before the loudspeaker of each context. */
  const buses = new Map();
  let isStill = false;

  const record = async (context, bus) => {
    await context.audioWorklet.addModule(tap);
    const node = new AudioWorkletNode(context, "tap", { channelCount: 1, channelCountMode: "explicit" });
    let stamps = [];
    node.port.onmessage = ({ data }) => {
      if (typeof data === "number") {
        stamps.push(data, trueMs());
        return;
      }
      const [frame, samples] = data;
      const heard = timestamp.call(context);
      const says = [heard.contextTime * context.sampleRate, trueOf(heard.performanceTime)];
      const numbers = [0, buses.size, context.sampleRate, frame, ...says, ...stamps];
      numbers[0] = numbers.length;
      stamps = [];
      if (desk?.readyState === Socket.OPEN) {
        desk.send(new Blob([Float64Array.from(numbers), samples]));
      }
    };
    connect.call(bus, node);
    // What leads nowhere may not be asked to process.
    connect.call(node, context.destination);
  };

  globalThis.AudioContext = new Proxy(AudioContext, {
    construct(made, given, as) {
      const context = Reflect.construct(made, given, as);
      context.addEventListener("statechange", event => isStill && event.stopImmediatePropagation());
      const bus = new GainNode(context);
      connect.call(bus, context.destination);
      buses.set(context.destination, bus);
      void record(context, bus);
      return context;
    },
  });
  AudioNode.prototype.connect = function (target, ...rest) {
    connect.call(this, buses.get(target) ?? target, ...rest);
    return target;
  };
  AudioNode.prototype.disconnect = function (target, ...rest) {
    // Without a target, from all.
    disconnect.apply(this, target === undefined ? [] : [buses.get(target) ?? target, ...rest]);
  };
  AudioContext.prototype.getOutputTimestamp = function () {
    const { contextTime, performanceTime } = timestamp.call(this);
    const heardS = Math.max(0, contextTime - lateMs / 1000);
    return { contextTime: heardS, performanceTime: wrongNow(performanceTime) };
  };
  Object.defineProperty(AudioContext.prototype, "outputLatency", {
    get() {
      return latency.call(this) + lateMs / 1000;
    },
  });
  Object.defineProperty(BaseAudioContext.prototype, "state", {
    get() {
      return isStill ? "running" : state.call(this);
    },
  });

  /** The device stands still for so long, and tells nobody. */
  const stall = async ms => {
    const contexts = [...buses.keys()].map(({ context }) => context);
    isStill = true;
    await Promise.all(contexts.map(context => context.suspend()));
    await wait(ms);
    await Promise.all(contexts.map(context => context.resume()));
    // What tells of it comes a little later.
    await wait(50);
    isStill = false;
  };

  globalThis.device = { trueMs, join, stall };
}
