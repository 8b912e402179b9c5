// Deciding on all that is selected: what it would do, then exactly that, and what became of each.
// `store.bulk` is the dialog that asks: its kind and step (asking, failed, ready, busy, told) and what the API said.
import { wanted } from "./address.js";
import { W, dom, say } from "./draw.js";
import { clear } from "./select.js";
import { call, seen, set, store, tell } from "./store.js";
import { notify } from "./toasts.js";

const DRAWN = { approve: "signing", reject: "rejecting" };
const STATE = { approve: "approved", reject: "rejected", take_back: "pending", withdraw: "withdrawn" };
export const many = (words, n) => say(words[n === 1 ? 0 : 1], n.toLocaleString());
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

function draw(items, name) {
  const phase = { ...store.phase };
  for (const { id } of items)
    if (name) phase[id] = name;
    else delete phase[id];
  set({ phase });
  tell({ kind: "look" });
}
/** Does it to each of the items, whose seals are drawn meanwhile. */
async function carryOut(kind, items, key, reason) {
  draw(items, DRAWN[kind] ?? "sending");
  const drawn = new Promise((done) => setTimeout(done, kind === "approve" ? 360 : 0));
  const body = { kind, items, ...(reason && { reason }) };
  const [answer] = await Promise.all([call("/proposals/bulk", body, undefined, key), drawn]);
  for (const { proposal } of answer.body.items ?? [])
    if (proposal && !(seen.get(proposal.id)?.updatedAt > proposal.updatedAt))
      tell({ kind: "proposal.changed", proposal });
  draw(items, null);
  return answer;
}
export async function ask(kind) {
  const bulk = { kind, key: newKey(), step: "asking" };
  set({ bulk });
  const selection = store.whole ? { filter: wanted() } : { ids: Object.keys(store.selected) };
  const { ok, body } = await call("/proposals/bulk/preview", { kind, selection });
  if (store.bulk !== bulk) return; // closed meanwhile
  set({ bulk: ok ? { ...bulk, step: "ready", preview: body } : { ...bulk, step: "failed", problem: body.detail } });
}
/** Under one key, so that trying again after a lost answer cannot do it twice. */
export async function confirm(reason) {
  const bulk = { ...store.bulk, step: "busy", problem: "" },
    { items } = bulk.preview;
  set({ bulk });
  const { ok, body } = await carryOut(bulk.kind, items, bulk.key, reason);
  if (!ok) {
    set({ bulk: { ...bulk, step: "ready", problem: body.detail } });
    return;
  }
  clear();
  told(body, items);
}
export async function takeBack(items) {
  const { ok, body } = await carryOut("take_back", items, newKey());
  if (ok) told(body, items);
  else notify({ kind: "refused", title: W.refused[body.code] ?? W.refused.other, detail: body.detail });
}
function told(answer, items) {
  const done = new Set(answer.items.filter((one) => one.outcome === "done").map((one) => one.id));
  const undo = answer.kind === "approve" && { until: Date.now() + answer.holdSeconds * 1000 };
  if (undo) undo.items = items.filter(({ id }) => done.has(id));
  if (done.size < answer.items.length) set({ bulk: { kind: answer.kind, step: "told", answer, undo } });
  else {
    set({ bulk: null });
    announce(answer, undo);
  }
}
export const left = ({ until, items }) => (items?.length ? Math.max(0, Math.ceil((until - Date.now()) / 1000)) : 0);
/** Says that it is done, and for as long as it is held, how to take it back. */
function announce({ kind, done }, undo) {
  const title = say(W.bulk.done[kind], done.toLocaleString()),
    message = { kind: STATE[kind], title, detail: W.bulk.after[kind] };
  if (!left(undo)) {
    notify(message);
    return;
  }
  const word = dom("span", { id: "take-all", "aria-live": "off" });
  const leave = notify({ ...message, sticky: true, action: [word, () => takeBack(undo.items)] });
  const tick = () => {
    word.textContent = say(W.bulk.back, left(undo));
    if (left(undo) && word.isConnected) setTimeout(tick, 250);
    else leave();
  };
  tick();
}
export function shut() {
  const { step, answer, undo } = store.bulk ?? {};
  set({ bulk: null });
  if (step === "told" && left(undo)) announce(answer, undo);
}
