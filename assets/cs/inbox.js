// The list of the inbox: one box at a time, what is overdue first. Rows stay where they are until one moves on.
import { createElement as h, useEffect, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { ofRow, risk, say, seal, state, W } from "./draw.js";
import { Due, Time } from "./react.js";
import { address, isBeside, open } from "./sheet.js";
import { call, rows, seen, set, store, unsee, useStore, view } from "./store.js";

const DAY = 864e5,
  BOXES = ["mine", "team", "waiting", "decided"];
const order = (box) => (box === "decided" ? "-updatedAt" : "dueAt");
const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
const group = (row, box) => {
  const today = midnight(Date.now());
  if (box === "decided") return Math.min(2, Math.round((today - midnight(row.updatedAt)) / DAY));
  if (!row.dueAt || midnight(row.dueAt) > today) return 2;
  return Date.parse(row.dueAt) < Date.now() ? 0 : 1;
};
const gone = (id, box) => {
  const { decision, yourTurn } = seen.get(id);
  return box !== "decided" && (decision !== "pending" || (box === "mine" && !yourTurn));
};
const needs = ({ decision, signatures, requiredSignatures, yourTurn }) =>
  decision !== "pending"
    ? null
    : signatures.length
      ? say(W.inbox.signed, signatures.map((one) => one.by.name).join(", "))
      : requiredSignatures > 1
        ? say(W.inbox.needs, requiredSignatures)
        : yourTurn && W.inbox.you;
/** The sentence with its amount in bold. */
const sentence = ({ text, amount }) => {
  const found = amount && text.match(new RegExp(amount.currency + "\\s[\\d.,]*\\d"));
  if (!found) return text;
  const [before, after] = text.split(found[0]);
  return [before, h("b", { key: "b", className: "num" }, found[0]), after];
};

function Row({ id, box, current }) {
  const row = useStore(() => seen.get(id)),
    phase = useStore((s) => s.phase[id]),
    now = ofRow(row, phase),
    waits = row.dueAt && row.decision === "pending";
  const take = (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    open(id, isBeside(), !e.detail); // Enter clicks without a pointer
  };
  return h(
    Link,
    {
      to: address(id),
      onClick: take,
      className: "cs-in" + (gone(id, box) ? " gone" : ""),
      "row-id": id,
      "aria-current": current || undefined,
    },
    seal(h, { ...now, size: 18, hidden: true }),
    h("span", { className: "say" }, sentence(row.statement)),
    h(
      "span",
      { className: "when" },
      waits ? h(Due, { at: row.dueAt, since: row.createdAt }) : h(Time, { at: row.updatedAt }),
    ),
    h("span", { className: "why" }, row.summary),
    h(
      "span",
      { className: "mt" },
      risk(h, { score: row.risk.score }),
      h("span", { className: "trunc" }, row.playbook, " · ", h("bdi", null, row.requestedBy.name)),
      h("span", { className: "end" }, (!phase && needs(row)) || state(h, now)),
    ),
  );
}

export function Inbox({ more }) {
  const [query] = useSearchParams(),
    { pid } = useParams(),
    box = BOXES.includes(query.get("box")) ? query.get("box") : "mine",
    [items, setItems] = useState([]),
    total = useStore((s) => s.total),
    count = useStore((s) => s.boxes[box]),
    host = useRef(),
    busy = useRef(),
    counted = useRef();
  const ids = items.map(([id]) => id),
    rest = total - ids.length;
  const load = async (anew) => {
    if (busy.current === box) return;
    busy.current = box;
    const page = await rows(anew ? 0 : ids.filter((id) => !gone(id, box)).length, 50);
    if (busy.current !== box) return; // another box has been chosen meanwhile
    busy.current = null;
    if (!page) return;
    const next = page.items.map((row) => [row.id, group(row, box)]);
    setItems((known) => (anew ? next : [...known, ...next.filter(([id]) => !known.some(([one]) => one === id))]));
    // while the page is being left, the address is already the next one's
    const here = location.pathname.startsWith("/inbox");
    if (next[0] && here && isBeside() && !store.card) open(next[0][0], true);
  };
  const find = (id) => host.current?.querySelector(`[row-id="${id}"]`);
  const focused = () => document.activeElement?.getAttribute("row-id");
  Object.assign(view, {
    index: (id) => ids.indexOf(id),
    at: (index) => {
      if (rest > 0 && index > ids.length - 5) load();
      return ids[index] ?? null;
    },
    cursor: focused,
    focus: (id) => find(id)?.focus(),
    move: (by) => find(ids[Math.max(0, ids.indexOf(focused()) + by)])?.focus(),
    idle: () => !ids.length,
    reload: () => load(true),
  });
  useEffect(() => {
    const { filter, sort, find } = store;
    return () => {
      unsee();
      set({ box: "", filter, sort, find, fresh: 0, total: 0, rows: "loading" });
    };
  }, []);
  useEffect(() => {
    set({ box, filter: { box }, sort: order(box), find: "", fresh: 0, total: 0, rows: "loading" });
    setItems([]);
    host.current.scrollTop = 0;
    load(true);
  }, [box]);
  useEffect(() => {
    const before = counted.current;
    counted.current = box + count;
    if (!before?.startsWith(box) || before === box + undefined || busy.current || store.rows === "loading") return;
    const limit = Math.min(200, Math.max(50, ids.length)),
      path = "/proposals?" + new URLSearchParams({ box, sort: order(box), limit });
    call(path).then(({ ok, body }) => {
      if (!ok || store.box !== box) return;
      const here = body.items.map((row) => ids.includes(row.id)),
        reach = rest > 0 ? here.lastIndexOf(true) : here.length; // behind it lies what was not loaded yet
      const fresh = here.slice(0, reach).filter((known) => !known).length;
      if (fresh && !ids.length) load(true);
      else set({ fresh });
    });
  }, [box, count]);
  useEffect(() => {
    const row = pid && find(pid);
    if (!row) return;
    row.scrollIntoView({ block: "nearest" });
    if (isBeside() && focused()) row.focus();
  }, [pid, items]);
  const heads = W.inbox[box === "decided" ? "days" : "groups"],
    size = (number) => items.filter(([, one]) => one === number).length;
  return h(
    "div",
    { ref: host, className: "cs-inlist", id: "box", role: "tabpanel", "aria-labelledby": "box-" + box },
    heads.map(
      (head, number) =>
        size(number) > 0 &&
        h(
          "section",
          { key: head, "aria-label": head },
          h(
            "h2",
            null,
            head,
            h("span", { className: "num" }, size(number), rest > 0 && items.at(-1)[1] === number && "+"),
          ),
          items.map(([id, one]) => one === number && h(Row, { key: id, id, box, current: id === pid })),
        ),
    ),
    rest > 0 && ids.length > 0 && h("button", { className: "cs-btn", onClick: () => load() }, more),
  );
}
