// The same rows as a list of cards, for narrow screens.
import { createElement as h, useEffect, useState } from "react";
import { Link } from "react-router";
import { address } from "./sheet.js";
import { arrive } from "./address.js";
import { columns } from "./columns.js";
import { W, ofRow, risk, say, slots, state, system } from "./draw.js";
import { Due, Time } from "./react.js";
import { box, isSelected, toggle } from "./select.js";
import { rows, seen, unsee, useStore, view } from "./store.js";

function Card({ id }) {
  const row = useStore(() => seen.get(id)),
    phase = useStore((s) => s.phase[id]),
    on = useStore(() => isSelected(id));
  const waits = row.dueAt && row.decision === "pending";
  return h(
    "article",
    { className: on ? "cs-pc cs-selected" : "cs-pc", "row-id": id },
    h(
      "div",
      { className: "top" },
      box(h, on, say(W.bulk.pick, row.statement.text), "button", { type: "button", onClick: () => toggle(id) }),
      h("span", { "col-id": "status" }, state(h, ofRow(row, phase))),
      h(
        "span",
        { className: "end" },
        waits ? h(Due, { at: row.dueAt, since: row.createdAt }) : h(Time, { at: row.updatedAt }),
      ),
    ),
    h(Link, { to: address(id), className: "say" }, row.statement.text),
    h("div", { className: "why" }, row.summary),
    h(
      "div",
      { className: "bt" },
      risk(h, { score: row.risk.score }),
      h("span", { className: "row" }, system(h, { name: row.target.system }), row.target.system),
      h(
        "span",
        { className: "end" },
        slots(h, { required: row.requiredSignatures, signatures: row.signatures, you: row.yourTurn }),
      ),
    ),
  );
}

export function Cards() {
  const [ids, setIds] = useState([]),
    total = useStore((s) => s.total);
  const load = async (from) => {
    const page = await rows(from, 50);
    if (page) setIds((known) => [...new Set([...(from ? known : []), ...page.items.map((row) => row.id)])]);
  };
  useEffect(() => {
    arrive().then(() => load(0));
    columns();
    return unsee;
  }, []);
  Object.assign(view, {
    index: (id) => ids.indexOf(id),
    at: (index) => ids[index] ?? null,
    idle: () => scrollY === 0,
    reload: () => load(0),
    focus: (id) => document.querySelector(`[row-id="${id}"] a`)?.focus(),
  });
  return h(
    "div",
    { className: "cs-cards", id: "matrix" },
    ids.map((id) => h(Card, { key: id, id })),
    ids.length > 0 &&
      ids.length < total &&
      h("button", { className: "cs-btn lg", onClick: () => load(ids.length) }, say(W.more, ids.length, total)),
  );
}
