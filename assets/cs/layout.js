// Which columns are shown, in which order, and which stay at the left.
import { createElement as h } from "react";
import { lay, layout, usual } from "./columns.js";
import { W, say } from "./draw.js";
import { Pop } from "./pop.js";
import { store, useStore } from "./store.js";

function List({ children }) {
  const all = useStore((s) => s.columns) ?? [];
  useStore((s) => s.layout);
  const shown = layout(),
    w = W.layout;
  const put = (next) => {
    const at = document.activeElement; // a line that moves would lose the focus
    if (next.length) lay(next, true);
    requestAnimationFrame(() => (at.disabled ? at.closest("li").querySelector("button:enabled") : at).focus());
  };
  const title = (id) => all.find((one) => one.id === id).title;
  const move = (at, by) => {
    const next = [...shown];
    next.splice(at + by, 0, ...next.splice(at, 1));
    put(next);
  };
  const act = (label, face, press, more) =>
    h("button", { type: "button", className: "cs-btn quiet icon", "aria-label": label, onClick: press, ...more }, face);
  const line = (one, at) =>
    h(
      "li",
      { key: one.id, "data-column": one.id },
      h(
        "label",
        { className: "it" },
        h("input", { type: "checkbox", checked: true, onChange: () => put(shown.filter((other) => other !== one)) }),
        title(one.id),
      ),
      act(say(w.up, title(one.id)), "↑", () => move(at, -1), { disabled: at === 0 }),
      act(say(w.down, title(one.id)), "↓", () => move(at, 1), { disabled: at === shown.length - 1 }),
      act(
        say(w.pin, title(one.id)),
        one.pinned ? "◧" : "□",
        () => put(shown.map((other) => (other === one ? { ...one, pinned: !one.pinned } : other))),
        { "aria-pressed": one.pinned },
      ),
    );
  const hidden = ({ id, title: name }) =>
    h(
      "li",
      { key: id, "data-column": id },
      h(
        "label",
        { className: "it t3" },
        h("input", {
          type: "checkbox",
          checked: false,
          onChange: () => put([...shown, { id, width: null, pinned: false }]),
        }),
        name,
      ),
    );
  return h(
    "div",
    { className: "cs-columns" },
    h("ul", null, [...shown.map(line), ...all.filter(({ id }) => !shown.some((one) => one.id === id)).map(hidden)]),
    h(
      "button",
      { type: "button", className: "cs-btn quiet", onClick: () => lay(store.view ? usual() : null, true) },
      w.usual,
    ),
    children,
  );
}
/** The button with the list of columns; `children` are its face and what stands below the list. */
export const Columns = ({ label, children: [face, below] }) =>
  h(Pop, { id: "columns", label, face, "aria-label": label }, () => h(List, null, below));
