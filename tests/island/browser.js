// As much of a browser as the store needs: requests, streams, locks, a channel between tabs, and time that stands still.
import { setSystemTime } from "bun:test";
import { classed, emptyDocument } from "./dom.js";
import { NOW, WORDS } from "./tools.js";

export const ISLAND = `${import.meta.dir}/../../assets/cs/`;
const real = { setTimeout, setInterval, clearTimeout, Date };

/** Answers written by a test, asked for by path; what was asked lies in `requests`. */
class Api {
  requests = [];
  answers = [];
  /** The next requests whose path begins so are answered so; a function makes the answer when asked. */
  on(path, body, status = 200, headers = {}) {
    this.answers.unshift({ path, body, status, headers: new Headers(headers) });
  }
  fetch = async (url, init) => {
    const path = url.replace("/api/v1", "");
    this.requests.push({ path, ...(init?.body && { init, body: JSON.parse(init.body) }) });
    const found = this.answers.find((answer) => path.startsWith(answer.path));
    if (!found) throw new TypeError("no connection");
    const body = typeof found.body === "function" ? await found.body(path) : found.body;
    const { status, headers } = found;
    return { ok: status < 400, status, headers, json: async () => body };
  };
}

class Clock {
  waiting = [];
  now = NOW.getTime();
  number = 0;
  setTimeout = (f, delay = 0) => this.#add(f, delay, 0);
  setInterval = (f, every) => this.#add(f, every, every);
  clear = (id) => {
    this.waiting = this.waiting.filter((one) => one.id !== id);
  };
  #add(f, delay, every) {
    this.waiting.push({ id: ++this.number, f, at: this.now + delay, every });
    return this.number;
  }
  /** Let so many milliseconds pass. */
  async pass(ms) {
    const end = this.now + ms;
    await settle();
    for (let next; (next = this.#next(end)); await settle()) {
      this.now = Math.max(this.now, next.at);
      setSystemTime(new real.Date(this.now));
      if (next.every) next.at += next.every;
      else this.clear(next.id);
      next.f();
    }
    this.now = end;
    setSystemTime(new real.Date(end));
  }
  #next(end) {
    const [first] = this.waiting.filter((one) => one.at <= end).sort((a, b) => a.at - b.at || a.id - b.id);
    return first;
  }
}

/** Lets everything run that waits for no time. */
export const settle = () => new Promise((done) => real.setTimeout(done, 0));

/** What the messages on the screen say. */
export const said = (one) =>
  one.toasts().map((item) => [...classed(item, "h"), ...classed(item, "d")].map((part) => part.textContent).join(""));

/** A tab. `locked`: another tab reads the stream. */
export async function tab({ locked = false } = {}) {
  const api = new Api(),
    clock = new Clock(),
    streams = [],
    channels = [],
    locks = [];
  setSystemTime(NOW);
  const events = class {
    static CLOSED = 2;
    readyState = 1;
    heard = {};
    constructor(url) {
      this.url = url;
      streams.push(this);
    }
    addEventListener(kind, f) {
      this.heard[kind] = f;
    }
    say(kind, data) {
      this.heard[kind]?.({ data: JSON.stringify(data) });
    }
    fail(closed) {
      this.readyState = closed ? 2 : 0;
      this.onerror();
    }
    close() {
      this.readyState = 2;
    }
  };
  const channel = class {
    sent = [];
    constructor(name) {
      this.name = name;
      channels.push(this);
    }
    postMessage(message) {
      this.sent.push(message);
    }
  };
  Object.assign(globalThis, {
    document: emptyDocument(),
    fetch: api.fetch,
    setTimeout: clock.setTimeout,
    setInterval: clock.setInterval,
    clearTimeout: clock.clear,
    clearInterval: clock.clear,
    EventSource: events,
    BroadcastChannel: channel,
    requestAnimationFrame: (f) => clock.setTimeout(f, 16),
  });
  const request = (name, lead) => (locks.push({ name, lead }), locked || lead());
  Object.defineProperty(globalThis.navigator, "locks", { value: { request }, configurable: true });
  for (const path of Object.keys(require.cache)) if (path.includes("/assets/cs/")) delete require.cache[path];
  const draw = await import(`${ISLAND}draw.js`);
  draw.learn(WORDS);
  const store = await import(`${ISLAND}store.js`);
  const toasts = () => classed(document.body, "cs-toast");
  return { api, clock, streams, channels, locks, toasts, ...store };
}
