// Short messages at the bottom end: 3 s for success, 5 s for a refusal, until closed when somebody is needed.
import { W, dom, seal } from "./draw.js";

const BAD = ["refused", "failed", "stale", "unknown"],
  MOST = 3;
let list = null;
const place = () => {
  list ??= document.body.appendChild(
    dom("ol", { className: "cs-toasts", "aria-live": "polite", "aria-label": W.toasts.list }),
  );
  return list;
};
/** `action`: a word and what it does. `sticky`: stays until it is closed, as what needs somebody does. Returns that. */
export function notify({ kind, title, detail, action, sticky = kind === "unknown" }) {
  const bad = BAD.includes(kind),
    state = kind === "refused" ? "failed" : kind;
  const close = dom("button", { type: "button", className: "cs-btn quiet icon", "aria-label": W.toasts.close }, "×");
  const act = action && dom("button", { type: "button", className: "cs-btn" }, action[0]);
  const item = dom(
    "li",
    { className: "cs-toast", role: bad ? "alert" : "status", "data-kind": kind },
    seal(dom, { state, size: 18, hidden: true }),
    dom(
      "div",
      { className: "grow" },
      dom("div", { className: "h" }, title),
      detail && dom("div", { className: "d" }, detail),
    ),
    act,
    close,
  );
  let timer = 0;
  const leave = () => item.remove();
  const wait = () => {
    clearTimeout(timer);
    if (!sticky && !item.matches(":hover,:focus-within")) timer = setTimeout(leave, bad ? 5000 : 3000);
  };
  for (const name of ["pointerenter", "pointerleave", "focusin", "focusout"])
    item.addEventListener(name, () => setTimeout(wait));
  close.addEventListener("click", leave);
  act?.addEventListener("click", () => {
    leave();
    action[1]();
  });
  if (sticky) item.dataset.sticky = "";
  place().append(item);
  if (list.children.length > MOST) (list.querySelector("li:not([data-sticky])") ?? list.firstChild).remove();
  wait();
  return leave;
}
