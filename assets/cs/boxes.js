// How many proposals lie in each box of the inbox: asked for once a visit, then kept by what the stream tells.
import { createElement as h, useEffect } from "react";
import { useNavigate } from "react-router";
import { call, hear, set, store, useStore } from "./store.js";

let of = "",
  timer = 0;
const ask = async () => {
  timer = 0;
  const { ok, body } = await call("/inbox/counts");
  if (ok) set({ boxes: body, inbox: body.mine });
};
const soon = (delay) => (timer ||= setTimeout(ask, delay));
hear(({ kind, proposal }, before) => {
  if (!of || (!proposal && kind !== "reset")) return;
  const known = before || kind === "proposal.created",
    by = known ? proposal.yourTurn - !!before?.yourTurn : 0;
  if (by) set({ inbox: store.inbox + by, boxes: { ...store.boxes, mine: store.inbox + by } });
  if (store.box || !known) soon(store.box ? 1e3 : 15e3); // who is on another page sees one figure alone
});

/** Asks for the counts of `who`, on whichever page. */
export function Counting({ who }) {
  useEffect(() => {
    if (!who || of === who) return;
    of = who;
    ask();
  }, [who]);
  return null;
}

/** The tab of one box, with its count. */
export function Box({ name, children }) {
  const on = useStore((s) => s.box === name),
    count = useStore((s) => s.boxes[name]),
    go = useNavigate();
  const walk = (e) => {
    const to = { ArrowRight: "nextSibling", ArrowLeft: "previousSibling" }[e.key],
      next = to && e.currentTarget[to];
    if (!next) return;
    e.preventDefault();
    next.focus();
    next.click();
  };
  return h(
    "button",
    {
      type: "button",
      role: "tab",
      id: "box-" + name,
      "aria-selected": on,
      "aria-controls": "box",
      tabIndex: on ? 0 : -1,
      onKeyDown: walk,
      onClick: () => on || go("/inbox?box=" + name, { replace: true }),
    },
    children,
    count != null && h("span", { className: "n" }, count.toLocaleString()),
  );
}
