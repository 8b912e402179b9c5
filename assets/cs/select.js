// Which rows are chosen to be decided on at once: by their ids, or all that the list's filter matches.
import { set, seen, store, tell, view } from "./store.js";

let last = null;
const choose = (selected, whole = false) => {
  set({ selected, whole });
  tell({ kind: "look" });
};
const these = (ids) => Object.fromEntries(ids.map((id) => [id, true]));
export const isSelected = (id) => store.whole || !!store.selected[id];
export const count = ({ whole, selected, total }) => (whole ? total : Object.keys(selected).length);
export const all = () => choose({}, store.total > 0);
export const clear = () => {
  last = null;
  if (count(store)) choose({});
};
export function toggle(id) {
  const loaded = () => these([...seen.keys()].filter((one) => view.index(one) >= 0));
  const { [id]: on, ...others } = store.whole ? loaded() : store.selected;
  last = id;
  choose(on ? others : { ...others, [id]: true });
}
/** All loaded rows from the last one that was chosen to this one. */
export function rangeTo(id) {
  const [from, to] = [view.index(last), view.index(id)].sort((a, b) => a - b);
  if (from < 0) return toggle(id);
  const ids = Array.from({ length: to - from + 1 }, (_, n) => view.at(from + n)).filter(Boolean);
  last = id;
  return choose({ ...store.selected, ...these(ids) });
}
/** X on a row, with Shift the range to it. */
export const mark = (e, id) => id && document.getElementById("matrix") && (e.shiftKey ? rangeTo : toggle)(id);
/** Whether a press on a row was meant to select it, which it does then. */
export const pressed = (e, id) => {
  const meant = e.shiftKey || !!e.target.closest("[col-id=select]");
  if (meant) mark(e, id);
  return meant;
};
/** A box: ticked, not, or `mixed`. */
export const box = (h, on, label, tag = "span", more) =>
  h(
    tag,
    { role: "checkbox", "aria-checked": String(on), "aria-label": label, className: "cs-tick", ...more },
    h(
      "span",
      { className: on ? "cs-check on" : "cs-check" },
      h(
        "svg",
        { className: "ic", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" },
        h("path", { d: on === "mixed" ? "M5 12H19" : "M5 12.5L10 17.5L19.5 7" }),
      ),
    ),
  );
