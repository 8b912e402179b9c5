// Short messages at the bottom end: 3 s for success, 5 s for a refusal, with the seal of what they tell.
import { createElement as h } from "react";
import { toast } from "sonner";
import { seal } from "./draw.js";

const BAD = ["refused", "failed", "stale", "unknown"];
export function notify({ kind, title, detail }) {
  const bad = BAD.includes(kind), state = kind === "refused" ? "failed" : kind;
  const body = h("div", { className: "cs-toast", role: bad ? "alert" : "status", "data-kind": kind },
    seal(h, { state, size: 18, hidden: true }), h("div", null, h("div", { className: "h" }, title), detail && h("div", { className: "d" }, detail)));
  toast.custom(() => body, { unstyled: true, duration: bad ? 5000 : 3000 });
}
