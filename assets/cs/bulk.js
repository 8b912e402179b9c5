// The bar over the list: what is selected, what it adds up to, and what can be done with all of it.
import { createElement as h, useEffect } from "react";
import { ask } from "./acts.js";
import { Ask, sums } from "./ask.js";
import { W, say } from "./draw.js";
import { all, clear, count } from "./select.js";
import { seen, store, useStore } from "./store.js";

function facts() {
  if (store.whole) return store.summary ?? {};
  const added = new Map();
  let highestRisk = null;
  for (const row of Object.keys(store.selected).map((id) => seen.get(id))) {
    highestRisk = Math.max(highestRisk, row.risk.score);
    const { currency, minor } = row.amount ?? {};
    if (currency) added.set(currency, { ...row.amount, minor: minor + (added.get(currency)?.minor ?? 0) });
  }
  return { sums: [...added.values()], highestRisk };
}
const KINDS = ["approve", "reject", "withdraw"];
export function Bulk() {
  const n = useStore(count),
    total = useStore((s) => s.total),
    whole = useStore((s) => s.whole),
    bulk = useStore((s) => s.bulk),
    off = useStore((s) => s.connection === "offline");
  useStore((s) => s.selected);
  useStore((s) => s.summary);
  useEffect(() => clear, []);
  const { sums: amounts, highestRisk } = facts(),
    words = n ? say(whole ? W.bulk.whole : W.bulk.selected, n.toLocaleString()) : "";
  const button = (kind) =>
    h(
      "button",
      {
        key: kind,
        id: "bulk-" + kind,
        type: "button",
        className: kind === "approve" ? "cs-btn primary" : "cs-btn",
        disabled: off,
        title: off ? W.bulk.offline : undefined,
        onClick: () => ask(kind),
      },
      say(W.bulk.bar[kind], n.toLocaleString()),
    );
  return [
    h("span", { key: "said", className: "sr", role: "status" }, words),
    n > 0 &&
      h(
        "div",
        { key: "bar", className: "cs-bulk", role: "group", "aria-label": W.bulk.name },
        h("b", { className: "n" }, words),
        n < total &&
          h(
            "button",
            { type: "button", className: "cs-btn quiet", onClick: all },
            say(W.bulk.all, total.toLocaleString()),
          ),
        h("span", { className: "sep" }),
        off ? h("span", { className: "t3 off" }, W.bulk.offline) : sums(amounts ?? []),
        !off && highestRisk != null && h("span", { className: "t3" }, say(W.bulk.risk, highestRisk)),
        h("span", { className: "acts" }, KINDS.map(button)),
        h(
          "button",
          { type: "button", className: "cs-btn quiet icon", "aria-label": W.bulk.clear, onClick: clear },
          "×",
        ),
      ),
    bulk && h(Ask, { key: "ask", bulk, off }),
  ];
}
