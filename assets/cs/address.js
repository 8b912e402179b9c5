// What the list shows stands in the address: ?decision=pending&minRisk=60&q=…&sort=-risk&view=…
import { lay } from "./columns.js";
import { saved, same } from "./saved.js";
import { clear } from "./select.js";
import { call, NEWEST, set, store, view } from "./store.js";

let written = null;
const MANY = ["decision", "execution", "playbook", "action", "team", "requester", "currency"];
/** The list's parameters without its order: a list as one entry a value. */
export function parameters({ filter, find, sort } = store) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) [value].flat().forEach((one) => all.append(name, one));
  if (find.trim()) all.set("q", find.trim());
  if (sort !== NEWEST) all.set("sort", sort);
  return all;
}
/** The same as a filter that the API takes in a body. */
export const wanted = () => {
  const filter = { ...store.filter, ...(store.find.trim() && { q: store.find.trim() }) };
  for (const name in filter) if (/^(min|max)/.test(name)) filter[name] = Number(filter[name]);
  return filter;
};
function parse(text) {
  const filter = {};
  const { q = "", sort = NEWEST, view = "" } = Object.fromEntries(new URLSearchParams(text));
  for (const [name, value] of new URLSearchParams(text))
    if (MANY.includes(name)) (filter[name] ??= []).push(value);
    else if (!["q", "sort", "view"].includes(name)) filter[name] = value;
  return { filter, find: q, sort, view };
}
function write() {
  const all = parameters(),
    base = store.saved?.find((one) => one.id === store.view);
  if (base && same(base)) for (const name of [...all.keys()]) all.delete(name);
  else if (base && !all.size) all.set("sort", NEWEST); // or a reload would take the view as it is saved
  if (store.view) all.set("view", store.view);
  written = all.size ? "?" + all : "";
  if (location.search !== written) history.replaceState(history.state, "", location.pathname + written + location.hash);
}
/** Shows another list: `patch` may hold filter, find, sort and view. */
export function seek(patch) {
  if (Object.keys(patch).join() !== "sort") clear(); // another order keeps what is selected
  set({ ...patch, fresh: 0, rows: "loading" });
  write();
  view.reload(true);
  sum();
}
let summing = 0;
/** What the list adds up to, asked for once it is at rest. */
function sum() {
  set({ summary: null });
  clearTimeout(summing);
  summing = setTimeout(async () => {
    const asked = parameters();
    asked.delete("sort");
    const { ok, body } = await call("/proposals/summary?" + asked);
    const now = parameters();
    now.delete("sort");
    if (ok && String(now) === String(asked)) set({ summary: body }); // else another list is wanted by now
  }, 400);
}
/** Takes what the address says, a saved view included. False when it is what is shown. */
export async function arrive() {
  if (location.search === written) return false;
  written = location.search;
  const here = parse(location.search);
  clear();
  set({ ...here, fresh: 0, rows: "loading" });
  if (here.view) {
    const one = (await saved()).find(({ id }) => id === here.view);
    if (!one) set({ view: "" });
    else if (new URLSearchParams(location.search).size === 1) use(one);
    else lay(one.columns); // changed since, with the view's columns
  }
  sum();
  return true;
}
/** Takes a saved view's filter, order and columns. */
export function use({ id, filter, sort, columns }) {
  const { q = "", ...rest } = filter;
  set({ view: id, filter: rest, find: q, sort });
  lay(columns);
}
