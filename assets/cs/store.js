// What must answer within a frame and is worthless after a reload: rows seen, connection, filters, decisions on their way.
// The verdict is always the server's; nothing here knows a rule.
import { useSyncExternalStore } from "react";
import { W, standing } from "./draw.js";
import { notify } from "./toasts.js";

export const seen = new Map();                                    // the newest row of every proposal this page has met
const NO_VIEW = { index: () => -1, at: () => null, cursor: () => null, focus() {}, move() {}, reload() {}, idle: () => true };
export const view = { ...NO_VIEW };                               // what shows the rows (grid or list) puts itself here
export const unsee = () => Object.assign(view, NO_VIEW);
export const store = { connection: "catching-up", since: null, session: "", rows: "loading", total: 0, fresh: 0, sort: "-createdAt", filter: {}, find: "", counts: {}, problem: "", reference: "", mode: "", mistake: "", phase: {} };
const subscribers = new Set(), ears = new Set();
const join = (group) => (f) => { group.add(f); return () => group.delete(f); };
const subscribe = join(subscribers);
export const hear = join(ears);
export const set = (patch) => { Object.assign(store, patch); subscribers.forEach((f) => f()); };
export const useStore = (pick) => useSyncExternalStore(subscribe, () => pick(store), () => pick(store));
export function tell(change) {
  if (change.proposal) { tally(change.kind, seen.get(change.proposal.id), change.proposal); seen.set(change.proposal.id, change.proposal); }
  ears.forEach((f) => f(change));
  set({});
}

/** One request to the API with the session's cookie; `body` makes it a write. Never throws. */
export async function call(path, body) {
  const write = body && { method: "POST", headers: { "Content-Type": "application/json", "X-Countersign": "1" }, body: JSON.stringify(body) };
  try {
    const reply = await fetch("/api/v1" + path, write);
    if (reply.status === 401) set({ session: "ended" });
    return { ok: reply.ok, status: reply.status, body: await reply.json() };
  } catch {                                                       // no connection, or something that is not the API answered
    return { ok: false, status: 0, body: { code: "network", detail: W.network } };
  }
}

// ---- rows
const search = (more) => new URLSearchParams({ ...store.filter, ...(store.find.trim() && { q: store.find.trim() }), sort: store.sort, ...more });
/** One block of rows in the present order, or null; says on the way how the list stands. */
export async function rows(offset, limit) {
  const { ok, status, body } = await call("/proposals?" + search({ offset, limit }));
  if (!ok) { set({ rows: status === 403 ? "forbidden" : status === 401 ? store.rows : "broken", problem: body.detail, reference: body.instance ?? "" }); return null; }
  const newest = (row) => (seen.get(row.id)?.updatedAt > row.updatedAt ? seen.get(row.id) : row);   // the stream may have been quicker
  body.items = body.items.map(newest);
  for (const row of body.items) seen.set(row.id, row);
  const narrowed = store.find.trim() || Object.keys(store.filter).length;
  set({ rows: body.total ? "ready" : narrowed ? "filtered" : "empty", total: body.total });
  return body;
}
export const seek = (patch) => { set({ ...patch, fresh: 0, rows: "loading" }); view.reload(true); };
export const showNew = () => { set({ fresh: 0 }); view.reload(); };

// ---- the figures on the view tabs: asked for once, then kept by what the stream tells
const choices = {};
let counting = null;
const fits = (row, filter) => Object.entries(filter).every(([key, value]) => (key === "minRisk" ? row.risk.score >= value : row[key] === value));
export const choice = (name, filter) => { choices[name] = filter; if (!(name in store.counts)) recount(0); };
const recount = (delay) => { counting ??= setTimeout(async () => {
  for (const [name, filter] of Object.entries(choices)) {
    const { ok, body } = await call("/proposals?" + new URLSearchParams({ ...filter, limit: 1 }));
    if (ok) set({ counts: { ...store.counts, [name]: body.total } });
  }
  counting = null;
}, delay); };
function tally(kind, before, after) {
  const known = before || kind === "proposal.created", counts = { ...store.counts };
  if (!known) { recount(15e3); return; }
  for (const name in counts) counts[name] += fits(after, choices[name]) - (kind !== "proposal.created" && fits(before, choices[name]));
  set({ counts });
}

// ---- the change stream: one a browser; the tab that holds the lock reads, the others listen to it
let seq = 0, heardAt = 0, listening = "", showing = null;
function heard(change) {
  if (change.seq) seq = change.seq;
  heardAt = Date.now();
  if (store.connection !== "live") set({ connection: "live", since: null });
  if (change.kind === "beat") return;
  if (change.kind === "reset") { view.reload(); recount(0); }
  if (change.kind === "proposal.created" && fits(change.proposal, store.filter)) {
    set({ fresh: store.fresh + 1 });
    showing ??= setTimeout(() => { showing = null; if (view.idle()) showNew(); }, 600);
  }
  outcome(change.proposal);
  tell(change);
}
export function listen(who) {
  if (!who || listening === who) return;
  listening = who; heardAt = Date.now();
  const channel = new BroadcastChannel("countersign " + who);
  channel.onmessage = (e) => heard(e.data);
  const pass = (change) => { heard(change); channel.postMessage(change); };
  const lead = () => {
    const stream = new EventSource("/api/v1/events" + (seq ? `?lastEventId=${seq}` : ""));
    stream.onopen = () => { if (!seq && store.rows !== "loading") view.reload(); pass({ kind: "beat" }); };   // rows read before the stream was open
    stream.onerror = () => {
      set({ connection: store.connection === "live" ? "catching-up" : store.connection, since: store.since ?? Date.now() });
      if (stream.readyState === EventSource.CLOSED) call("/me").then(({ status }) => status !== 401 && setTimeout(lead, 2000));
    };
    stream.addEventListener("ready", (e) => { seq ||= JSON.parse(e.data).seq; });
    stream.addEventListener("beat", () => pass({ kind: "beat" }));
    for (const kind of ["proposal.created", "proposal.changed", "run.created", "run.changed", "reset"])
      stream.addEventListener(kind, (e) => pass({ ...JSON.parse(e.data), kind }));
  };
  if (navigator.locks) navigator.locks.request("countersign " + who, () => { lead(); return new Promise(() => {}); }); else lead();   // locks need https or localhost
  setInterval(() => {
    const silent = Date.now() - heardAt;
    if (silent > 20e3 && store.connection !== "offline") set({ connection: "offline", since: store.since ?? heardAt });
    else if (silent > 8e3 && store.connection === "live") set({ connection: "catching-up", since: heardAt });
  }, 1000);
}

// ---- decisions
const mine = new Set();
const phase = (id, name) => { const { [id]: _, ...others } = store.phase; set({ phase: name ? { ...others, [id]: name } : others }); tell({ kind: "phase", id }); };
const past = (s) => (s.text.startsWith(s.verb) ? s.done + s.text.slice(s.verb.length) : s.text);
function outcome(row) {
  const now = row && standing(row);
  if (!mine.has(row?.id) || store.phase[row.id] || !W.toast[now]) return;
  mine.delete(row.id);
  notify({ kind: now, title: W.toast[now], detail: now === "executed" ? past(row.statement) : row.statement.text });
}
const PHASES = { approve: "signing", reject: "rejecting" };
/** Sends one act of a person: on the revision that the digest names, or on its `effect`. The seal is drawn while the answer is on its way. */
export async function decide({ id, kind, digest, reason, to = "decisions" }) {
  if (store.phase[id] || store.connection === "offline") return;
  phase(id, PHASES[kind] ?? "sending");
  mine.add(id);
  const drawn = new Promise((done) => setTimeout(done, kind === "approve" ? 360 : 0));
  const [answer] = await Promise.all([call(`/proposals/${id}/${to}`, { kind, digest, ...(reason && { reason }) }), drawn]);
  set({ mode: "", mistake: "" });
  if (answer.ok) {
    const newest = seen.get(id);                                  // the stream may have been quicker than the answer
    if (!newest || newest.updatedAt <= answer.body.proposal.updatedAt) tell({ kind: "proposal.changed", proposal: answer.body.proposal });
    const { message = W.said[kind], proposal } = answer.body;
    if (message) { mine.delete(id); notify({ kind: standing(proposal), title: message, detail: proposal.statement.text }); }
  } else {
    mine.delete(id);
    const { code, detail } = answer.body;
    notify({ kind: code === "stale" ? "stale" : "refused", title: W.refused[code] ?? W.refused.other, detail: detail && detail[0].toUpperCase() + detail.slice(1) });
    tell({ kind: "refused", id });
  }
  phase(id, null);
  outcome(seen.get(id));
}
