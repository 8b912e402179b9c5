// The columns are data of the API; how the reader has laid them out is kept in the browser or in a saved view.
import { call, set, store, view } from "./store.js";

const KEPT = "cs-columns";
let reading = null,
  asking = null;
const narrowable = (all, by) =>
  all.map((one) => (one.filter ? { ...one, filter: { ...one.filter, options: by[one.id] ?? [] } } : one));
/** The API's columns; asked for once a visit. */
export const columns = () =>
  (reading ??= call("/proposals/columns").then(({ ok, body }) => {
    if (ok) set({ columns: narrowable(body.items, {}) });
    else {
      reading = null;
      set({ problem: body.detail, reference: body.instance ?? "" });
    }
    return store.columns;
  }));
/** What the columns can be narrowed to; asked for when somebody narrows, since it takes a look at every row. */
export const options = () =>
  (asking ??= Promise.all([call("/proposals/columns/options"), columns()]).then(([{ ok, body }, all]) => {
    if (ok && all)
      set({ columns: narrowable(all, Object.fromEntries(body.items.map((one) => [one.column, one.options]))) });
    else asking = null;
  }));
const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
};
/** The columns that are shown, in order: `{id, width, pinned}`. Without a choice of the reader by the grid's width. */
export function layout(room) {
  const own = chosen()?.filter(({ id }) => store.columns?.some((one) => one.id === id));
  return own?.length ? own : usual(room);
}
/** How the reader has laid the columns out, or null. */
export const chosen = () => store.layout ?? kept();
/** The layout for who has made no choice. */
export const usual = (room = document.getElementById("matrix")?.clientWidth ?? 1920) =>
  (store.columns ?? [])
    .filter(({ shownFrom }) => shownFrom != null && shownFrom <= room)
    .map(({ id, pinned }) => ({ id, width: null, pinned }));
/** Lays the columns out anew; null is the usual way. Outside of a saved view it is kept for the next visit. */
export function lay(next, keep = false) {
  set({ layout: next });
  if (keep && !store.view)
    if (next) localStorage.setItem(KEPT, JSON.stringify(next));
    else localStorage.removeItem(KEPT);
  view.arrange();
}
