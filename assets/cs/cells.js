// The drawings as AG Grid cell renderers: made once, drawn again in place, React is not involved.
import { W, dom, due, money, ofRow, risk, say, slots, state, system, time } from "./draw.js";
import { all, box, clear, count, isSelected } from "./select.js";
import { hear, store } from "./store.js";

const line = (...drawn) => dom("div", { className: "cs-line" }, ...drawn);
const cell = (draw, width) =>
  class {
    init(p) {
      this.e = line();
      this.refresh(p);
    }
    /** What looks the same stays: a press on what is replaced meanwhile is lost. */
    refresh({ data }) {
      const now = line(data ? draw(data) : dom("span", { className: "cs-skel", style: `width:${width}px` }));
      if (!now.isEqualNode(this.e)) this.e.replaceChildren(...now.childNodes);
      return true;
    }
    getGui() {
      return this.e;
    }
  };
const text = (value, className = "") => dom("bdi", { className, title: value }, value);

const quiet = (value) => text(value, "t2");
/** A column that has no drawing yet: the row's own value, as text. */
export const PLAIN = (id) => cell((r) => quiet(r[id] == null ? "" : String(r[id])), 60);
export const CELLS = {
  select: cell((r) => box(dom, isSelected(r.id), say(W.bulk.pick, r.statement.text)), 15),
  status: cell((r) => state(dom, ofRow(r, store.phase[r.id])), 70),
  change: cell(
    (r) => [text(r.actionLabel, "w5"), dom("span", { className: "t3 why", title: r.summary }, r.summary)],
    220,
  ),
  party: cell((r) => [system(dom, { name: r.target.system }), text(r.statement.party, "w5 trunc")], 120),
  record: cell((r) => text(r.target.label, "mono t2"), 70),
  amount: cell((r) => money(dom, { amount: r.amount }), 64),
  risk: cell((r) => risk(dom, { score: r.risk.score }), 64),
  signed: cell((r) => slots(dom, { required: r.requiredSignatures, signatures: r.signatures, you: r.yourTurn }), 24),
  due: cell(
    (r) =>
      r.dueAt && r.decision === "pending"
        ? due(dom, { at: r.dueAt, since: r.createdAt })
        : time(dom, { at: r.updatedAt, className: "t3" }),
    48,
  ),
  playbook: cell((r) => quiet(r.playbook), 110),
  requester: cell((r) => quiet(r.requestedBy.name), 90),
  team: cell((r) => quiet(r.team ?? ""), 70),
  cost: cell((r) => money(dom, { amount: r.cost?.spend }), 50),
  created: cell((r) => time(dom, { at: r.createdAt, className: "t3" }), 48),
  id: cell((r) => text(r.id, "mono t3"), 80),
  workflow: cell((r) => text(r.runId, "mono t3"), 80),
  confidence: cell((r) => dom("span", { className: "t3 num" }, `${Math.round(r.confidence * 100)} %`), 30),
};
/** The box over all rows. */
export class All {
  init() {
    this.e = line();
    this.e.onclick = () => (store.whole ? clear() : all());
    this.stop = hear(({ kind }) => kind === "look" && this.draw());
    this.draw();
  }
  draw() {
    const on = store.whole || (count(store) ? "mixed" : false);
    this.e.replaceChildren(box(dom, on, W.bulk.every));
  }
  getGui() {
    return this.e;
  }
  destroy() {
    this.stop();
  }
}
