// What must answer within a frame and is worthless after a reload: rows seen, connection, filters, decisions under way.
// The verdict is always the server's; nothing here knows a rule.
import { useSyncExternalStore } from "react";
import { parameters } from "./address.js";
import { W, standing } from "./draw.js";
import { fits } from "./fits.js";
import { notify } from "./toasts.js";

export const seen = new Map(); // the newest row of every proposal this page has met
const NO_VIEW = {
  index: () => -1,
  at: () => null,
  cursor: () => null,
  focus() {},
  move() {},
  reload() {},
  arrange() {},
  idle: () => true,
};
export const view = { ...NO_VIEW }; // what shows the rows (grid or list) puts itself here
export const unsee = () => Object.assign(view, NO_VIEW);
export const NEWEST = "-createdAt";
export const store = {
  connection: "catching-up",
  since: null,
  session: "",
  rows: "loading",
  total: 0,
  fresh: 0,
  estimated: false,
  sort: NEWEST,
  filter: {},
  find: "",
  view: "",
  saved: null,
  teams: [],
  columns: null,
  layout: null,
  selected: {},
  whole: false,
  summary: null,
  counts: {},
  problem: "",
  reference: "",
  card: null,
  step: "",
  mode: "",
  mistake: "",
  palette: false,
  inbox: 0,
  bulk: null,
  box: "",
  boxes: {},
  phase: {},
  quiet: "", // single keys that the person has switched off
};
const subscribers = new Set(),
  ears = new Set();
const join = (group) => (f) => {
  group.add(f);
  return () => group.delete(f);
};
const subscribe = join(subscribers);
export const hear = join(ears);
export const set = (patch) => {
  Object.assign(store, patch);
  subscribers.forEach((f) => f());
};
export const useStore = (pick) =>
  useSyncExternalStore(
    subscribe,
    () => pick(store),
    () => pick(store),
  );
export function tell(change) {
  const before = change.proposal && seen.get(change.proposal.id);
  if (change.proposal) {
    tally(change.kind, before, change.proposal);
    seen.set(change.proposal.id, change.proposal);
  }
  ears.forEach((f) => f(change, before));
  set({});
}

/** A reading that came too soon is asked for again when the API says so, twice and within seconds. */
async function patiently(url, init, left = 2) {
  const reply = await fetch(url, init);
  const wait = reply.status === 429 && !init.body && left ? reply.headers.get("Retry-After") : 9;
  if (wait > 3) return reply;
  await new Promise((on) => setTimeout(on, wait * 1000));
  return patiently(url, init, left - 1);
}
/** One request to the API with the session's cookie; `body` makes it a write, `key` one done once. Never throws. */
export async function call(path, body, signal, key, method = "POST") {
  const write = body && {
    method,
    headers: { "Content-Type": "application/json", "X-Countersign": "1", ...(key && { "Idempotency-Key": key }) },
    body: JSON.stringify(body),
  };
  try {
    const reply = await patiently("/api/v1" + path, { ...write, signal });
    if (reply.status === 401) set({ session: "ended" });
    return { ok: reply.ok, status: reply.status, body: reply.status === 204 ? {} : await reply.json() };
  } catch {
    // no connection, or something that is not the API answered
    return { ok: false, status: 0, body: { code: "network", detail: W.network } };
  }
}

// ---- rows
/** One block of rows in the present order, or null; says on the way how the list stands. */
export async function rows(offset, limit) {
  const asked = String(parameters());
  const { ok, status, body } = await call(`/proposals?offset=${offset}&limit=${limit}&${asked}`);
  if (asked !== String(parameters())) return null; // another list is wanted by now
  if (!ok) {
    set({
      rows: status === 403 ? "forbidden" : status === 401 ? store.rows : "broken",
      problem: body.detail,
      reference: body.instance ?? "",
    });
    return null;
  }
  // the stream may have been quicker
  const newest = (row) => (seen.get(row.id)?.updatedAt > row.updatedAt ? seen.get(row.id) : row);
  body.items = body.items.map(newest);
  for (const row of body.items) seen.set(row.id, row);
  const narrowed = store.find.trim() || Object.keys(store.filter).length;
  set({
    rows: body.total ? "ready" : narrowed ? "filtered" : "empty",
    total: body.total,
    estimated: body.totalIsEstimate,
  });
  return body;
}
export const showNew = () => {
  set({ fresh: 0 });
  view.reload();
};

// ---- the figures on the view tabs: asked for once, then kept by what the stream tells
const choices = {};
let counting = null;
export const choice = (name, filter) => {
  choices[name] = filter;
  if (!(name in store.counts)) recount(0);
};
const recount = (delay) => {
  counting ??= setTimeout(async () => {
    for (const [name, filter] of Object.entries(choices)) {
      const { ok, body } = await call("/proposals?limit=1&" + parameters({ filter, find: "", sort: NEWEST }));
      if (ok) set({ counts: { ...store.counts, [name]: body.total } });
    }
    counting = null;
  }, delay);
};
function tally(kind, before, after) {
  const known = before || kind === "proposal.created",
    counts = { ...store.counts };
  if (!known) {
    recount(15e3);
    return;
  }
  for (const name in counts)
    counts[name] += fits(after, choices[name]) - (kind !== "proposal.created" && fits(before, choices[name]));
  set({ counts });
}

// ---- the change stream: one a browser; the tab that holds the lock reads, the others listen to it
let seq = 0,
  heardAt = 0,
  listening = "",
  showing = null;
function heard(change) {
  if (change.kind === "ended") {
    set({ session: "ended" });
    return;
  }
  if (change.seq) seq = change.seq;
  heardAt = Date.now();
  if (store.connection !== "live") set({ connection: "live", since: null });
  if (change.kind === "beat") return;
  if (change.kind === "reset") {
    view.reload();
    recount(0);
  }
  if (change.kind === "proposal.created" && fits(change.proposal, store.filter) && speaks(change.proposal)) {
    set({ fresh: store.fresh + 1 });
    showing ??= setTimeout(() => {
      showing = null;
      if (view.idle()) showNew();
    }, 600);
  }
  outcome(change.proposal);
  tell(change);
}
/** Whether the words that are looked for stand in the row. */
const speaks = ({ statement, summary }) =>
  store.find
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${statement.text} ${summary}`.toLowerCase().includes(word));
export function listen(who) {
  if (!who || listening === who) return;
  listening = who;
  heardAt = Date.now();
  const channel = new BroadcastChannel("countersign " + who);
  channel.onmessage = (e) => heard(e.data);
  const pass = (change) => {
    heard(change);
    channel.postMessage(change);
  };
  const lead = () => {
    const stream = new EventSource("/api/v1/events" + (seq ? `?lastEventId=${seq}` : ""));
    stream.onopen = () => {
      if (!seq && store.rows !== "loading") view.reload();
      pass({ kind: "beat" });
    }; // rows read before the stream was open
    stream.onerror = () => {
      set({
        connection: store.connection === "live" ? "catching-up" : store.connection,
        since: store.since ?? Date.now(),
      });
      if (stream.readyState === EventSource.CLOSED)
        call("/me").then(({ status }) => (status === 401 ? pass({ kind: "ended" }) : setTimeout(lead, 2000)));
    };
    stream.addEventListener("ready", (e) => {
      seq ||= JSON.parse(e.data).seq;
    });
    stream.addEventListener("beat", () => pass({ kind: "beat" }));
    for (const kind of [
      "proposal.created",
      "proposal.changed",
      "run.created",
      "run.changed",
      "notification.created",
      "reset",
    ])
      stream.addEventListener(kind, (e) => pass({ ...JSON.parse(e.data), kind }));
  };
  if (navigator.locks)
    navigator.locks.request("countersign " + who, () => {
      lead();
      return new Promise(() => {});
    });
  else lead(); // locks need https or localhost
  setInterval(() => {
    const silent = Date.now() - heardAt;
    if (silent > 20e3 && store.connection !== "offline") set({ connection: "offline", since: store.since ?? heardAt });
    else if (silent > 8e3 && store.connection === "live") set({ connection: "catching-up", since: heardAt });
  }, 1000);
}

// ---- decisions
const mine = new Set();
const phase = (id, name) => {
  const { [id]: _, ...others } = store.phase;
  set({ phase: name ? { ...others, [id]: name } : others });
  tell({ kind: "phase", id });
};
const past = (s) => (s.text.startsWith(s.verb) ? s.done + s.text.slice(s.verb.length) : s.text);
function outcome(row) {
  const now = row && standing(row);
  if (!mine.has(row?.id) || store.phase[row.id] || !W.toast[now]) return;
  mine.delete(row.id);
  notify({ kind: now, title: W.toast[now], detail: now === "executed" ? past(row.statement) : row.statement.text });
}
let signed = null;
/** Takes back what was signed last, wherever one is by now. */
export const takeBack = () => signed && decide({ ...signed, kind: "take_back" });
const PHASES = { approve: "signing", reject: "rejecting" };
/** Sends one act of a person, on the revision that the digest names or on its `effect`; draws the seal meanwhile. */
export async function decide({ id, kind, digest, reason, to = "decisions" }) {
  if (store.phase[id] || store.connection === "offline") return;
  phase(id, PHASES[kind] ?? "sending");
  mine.add(id);
  const drawn = new Promise((done) => setTimeout(done, kind === "approve" ? 360 : 0));
  const [answer] = await Promise.all([
    call(`/proposals/${id}/${to}`, { kind, digest, ...(reason && { reason }) }),
    drawn,
  ]);
  if (store.card === id) set({ mode: "", mistake: "" });
  if (answer.ok) {
    const newest = seen.get(id); // the stream may have been quicker than the answer
    if (!newest || newest.updatedAt <= answer.body.proposal.updatedAt)
      tell({ kind: "proposal.changed", proposal: answer.body.proposal });
    signed = kind === "approve" ? { id, digest } : null;
    tell({ kind: "decided", id });
    const { message = W.said[kind], proposal } = answer.body;
    if (message) {
      mine.delete(id);
      notify({ kind: standing(proposal), title: message, detail: proposal.statement.text });
    }
  } else {
    mine.delete(id);
    const { code, detail } = answer.body;
    notify({
      kind: code === "stale" ? "stale" : "refused",
      title: W.refused[code] ?? W.refused.other,
      detail: detail && detail[0].toUpperCase() + detail.slice(1),
    });
    tell({ kind: "refused", id });
  }
  phase(id, null);
  outcome(seen.get(id));
}
