// Saved views: the reader's own and those of their teams, read once a visit.
import { layout } from "./columns.js";
import { call, set, store } from "./store.js";

let reading = null;
/** What of a filter is set: the API says the empty fields too. */
const filled = (filter) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value != null && [value].flat().length));
/** All saved views. */
export function saved(anew = false) {
  if (anew) reading = null;
  reading ??= call("/views").then(({ ok, body }) => {
    if (!ok) reading = null;
    const items = ok ? body.items.map((one) => ({ ...one, filter: filled(one.filter) })) : [];
    items.sort((a, b) => !!a.team - !!b.team); // the reader's own first
    set({ saved: items, teams: ok ? body.teams : [] });
    return items;
  });
  return reading;
}
/** A filter as text that is the same for the same filter. */
export const plain = (filter, find) =>
  JSON.stringify(
    Object.entries({ ...filter, ...(find && { q: find }) })
      .map(([name, value]) => [name, [value].flat().map(String).sort()])
      .sort(),
  );
/** Whether the list is shown exactly as this view says. */
export const same = (one) =>
  store.sort === one.sort &&
  plain(store.filter, store.find.trim()) === plain(one.filter) &&
  JSON.stringify(layout()) === JSON.stringify(one.columns);
