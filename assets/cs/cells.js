// The drawings as AG Grid cell renderers: made once, drawn again in place, React is not involved.
import { dom, due, money, ofRow, risk, slots, state, system, time } from "./draw.js";
import { store } from "./store.js";

const cell = (draw, width) => class {
  init(p) { this.e = dom("div", { className: "cs-line" }); this.refresh(p); }
  refresh(p) { this.e.replaceChildren(...(p.data ? [draw(p.data)].flat() : [dom("span", { className: "cs-skel", style: `width:${width}px` })])); return true; }
  getGui() { return this.e; }
};
const text = (value, className = "") => dom("bdi", { className, title: value }, value);

export const CELLS = {
  status: cell((r) => state(dom, ofRow(r, store.phase[r.id])), 70),
  change: cell((r) => [text(r.actionLabel, "w5"), dom("span", { className: "t3 why", title: r.summary }, r.summary)], 220),
  party: cell((r) => [system(dom, { name: r.target.system }), text(r.statement.party, "w5 trunc")], 120),
  record: cell((r) => text(r.target.label, "mono t2"), 70),
  amount: cell((r) => money(dom, { amount: r.amount }), 64),
  risk: cell((r) => risk(dom, { score: r.risk.score }), 64),
  signed: cell((r) => slots(dom, { required: r.requiredSignatures, signatures: r.signatures, you: r.yourTurn }), 24),
  due: cell((r) => (r.dueAt && r.decision === "pending" ? due(dom, { at: r.dueAt, since: r.createdAt }) : time(dom, { at: r.updatedAt, className: "t3" })), 48),
  playbook: cell((r) => text(r.playbook, "t2"), 110),
  confidence: cell((r) => dom("span", { className: "t3 num" }, `${Math.round(r.confidence * 100)} %`), 30),
};
