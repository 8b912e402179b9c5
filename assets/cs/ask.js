// The dialog of deciding on many: what the act would do, and afterwards what could not be done and why.
import { createElement as h, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { confirm, left, many, shut, takeBack } from "./acts.js";
import { W, money, ofRow, risk, say, seal } from "./draw.js";
import { useTick } from "./react.js";
import { address } from "./sheet.js";
import { set, view } from "./store.js";

const MOST_SUMS = 3;
export const sums = (list) =>
  list.length > 0 &&
  h(
    "span",
    { className: "sums" },
    list.slice(0, MOST_SUMS).map((amount) => h("span", { key: amount.currency }, money(h, { amount }))),
    list.length > MOST_SUMS && h("span", { className: "t3" }, say(W.bulk.further, list.length - MOST_SUMS)),
  );
const line = (n, text, end, className) =>
  h("li", { key: text, className }, h("b", { className: "num" }, n), h("span", null, text), end);
const upper = (text) => text && text[0].toUpperCase() + text.slice(1);
function Preview({ bulk, kind }) {
  const { items, refused, sums: amounts, highestRisk, needOthers, holdSeconds } = bulk.preview;
  const of = items.length + refused.reduce((sum, one) => sum + one.count, 0);
  return h(
    "ul",
    { className: "facts" },
    line(items.length, say(W.bulk.can[kind], of), sums(amounts), "can"),
    highestRisk != null && h("li", { key: "risk" }, h("b"), W.bulk.highest, risk(h, { score: highestRisk })),
    needOthers > 0 && line(needOthers, many(W.bulk.others, needOthers)),
    holdSeconds > 0 && h("li", { key: "hold" }, h("b"), say(W.bulk.held, Math.round(holdSeconds))),
    refused.map(({ reason, count: n }) => line(n, upper(reason), null, "not")),
  );
}
const Told = ({ answer }) =>
  h(
    "ul",
    { className: "facts told" },
    answer.items
      .filter(({ outcome }) => outcome !== "done")
      .map(({ id, sentence, outcome, detail, proposal }) =>
        h(
          "li",
          { key: id, "data-outcome": outcome },
          proposal ? seal(h, ofRow(proposal)) : h("b"),
          h(
            "div",
            null,
            proposal ? h(Link, { to: address(id), onClick: shut, className: "w5" }, sentence) : W.bulk.gone,
            h("div", { className: "t2" }, upper(detail)),
          ),
        ),
      ),
  );
function Reason({ mistake, kind }) {
  return h(
    "div",
    { className: "cs-field" },
    h("label", { htmlFor: "bulk-reason" }, W.bulk.reason[kind]),
    h("input", {
      id: "bulk-reason",
      name: "reason",
      className: "cs-input",
      maxLength: 500,
      autoComplete: "off",
      "aria-invalid": mistake,
      "aria-describedby": "bulk-hint",
    }),
    h("span", { id: "bulk-hint", className: "hint" }, !mistake && W.bulk.hint),
    h("span", { role: "alert", className: "err" }, mistake && W.bulk.mistake),
  );
}
const title = ({ kind, step, preview, answer }) => {
  if (step === "told") return say(W.bulk.outcome[kind], answer.done, answer.items.length);
  if (preview) return preview.items.length ? many(W.bulk.ask[kind], preview.items.length) : W.bulk.none[kind];
  return step === "asking" ? W.bulk.asking : W.bulk.failed;
};
export function Ask({ bulk, off }) {
  const { kind, step, preview, problem, answer, undo } = bulk,
    dialog = useRef(),
    safe = useRef(),
    [mistake, setMistake] = useState(false);
  useTick(250);
  useEffect(() => {
    const from = document.activeElement;
    dialog.current.showModal();
    safe.current.focus();
    return () => {
      if (from?.isConnected && from !== document.body) from.focus();
      else view.focus(view.cursor() ?? view.at(0));
    };
  }, []);
  const ready = step === "ready" && preview.items.length > 0,
    reasoned = ready && kind in W.bulk.reason,
    busy = step === "busy";
  useEffect(() => {
    if (reasoned) document.getElementById("bulk-reason").focus();
    else if (step === "told") safe.current.focus();
  }, [reasoned, step]);
  const send = (e) => {
    e.preventDefault();
    const reason = new FormData(e.currentTarget).get("reason")?.trim();
    setMistake(reasoned && !reason);
    if (!reasoned || reason) confirm(reason);
    else document.getElementById("bulk-reason").focus();
  };
  const cancel = (e) => (busy ? e.preventDefault() : shut());
  const n = preview?.items.length;
  return h(
    "dialog",
    { ref: dialog, className: "cs-dialog cs-ask", "aria-labelledby": "bulk-title", onCancel: cancel, onClose: shut },
    h(
      "form",
      { noValidate: true, onSubmit: send, "aria-busy": step === "asking" || busy },
      h("h2", { id: "bulk-title", "aria-live": "polite" }, title(bulk)),
      step === "asking" && h("div", { className: "lines" }, ...[64, 40, 52].map(grey)),
      preview && h(Preview, { bulk, kind }),
      answer && h(Told, { answer }),
      (reasoned || (busy && kind in W.bulk.reason)) && h(Reason, { mistake, kind }),
      h("p", { role: "alert", className: "problem" }, off ? W.bulk.offline : upper(problem)),
      h(
        "footer",
        null,
        undo &&
          left(undo) > 0 &&
          h(
            "button",
            { type: "button", className: "cs-btn lg", onClick: () => back(undo) },
            say(W.bulk.back, left(undo)),
          ),
        h(
          "button",
          { type: "button", ref: safe, className: "cs-btn lg", disabled: busy, onClick: shut },
          answer || step === "failed" || n === 0 ? W.toasts.close : W.bulk.cancel,
        ),
        (ready || busy) &&
          h(
            "button",
            {
              id: "bulk-confirm",
              className: `cs-btn lg ${kind === "approve" ? "primary" : "danger"}`,
              disabled: busy || off,
            },
            say(busy ? W.bulk.busy[kind] : W.bulk.acts[kind], n),
          ),
      ),
    ),
  );
}
const grey = (width) => h("span", { className: "cs-skel", style: { width: width + "%" } });
const back = ({ items }) => {
  set({ bulk: null });
  takeBack(items);
};
