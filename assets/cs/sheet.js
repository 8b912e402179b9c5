// The frame of the card, whose address is the page's, and the one place that listens to keys.
import { createElement as h, useEffect } from "react";
import * as Dialog from "@radix-ui/react-dialog";
import { useNavigate, useParams } from "react-router";
import { ofRow, seal } from "./draw.js";
import { seen, set, store, useStore, view } from "./store.js";

let navigate = () => {}, shown = null, pushed = false;
export const open = (id, replace = false) => { if (!replace) pushed = true; set({ mode: "", mistake: "" }); navigate(`/proposals/${id}`, { replace }); };
export const close = () => { if (pushed) navigate(-1); else navigate("/proposals", { replace: true }); pushed = false; };
export const neighbour = (step) => { const at = view.index(shown); return at < 0 ? null : view.at(at + step); };
export const tab = (number) => document.querySelectorAll(".cs-tabs [role=tab]")[number]?.focus();
export const step = (by) => { const id = neighbour(by); if (id) open(id, true); };

function Waiting({ row }) {
  return h("div", { className: "cs-waiting", "aria-busy": true }, h("div", { className: "cs-statement" }, row ? h("h1", null, row.statement.text) : h("span", { className: "cs-skel wide" })),
    h("div", { className: "cs-sealline" }, row && seal(h, { ...ofRow(row), size: 30 }), h("span", { className: "cs-skel" })));
}

/** `loaded` is the id of the card that Python has ready as `children`; `title` names the sheet until it has one. */
export function Sheet({ loaded, title, children }) {
  const { pid } = useParams();
  navigate = useNavigate();
  const ready = loaded === pid;
  useEffect(() => {
    const last = shown;
    shown = pid ?? null;
    if (!pid) { if (last) view.focus(last); return undefined; }
    const timer = setTimeout(() => document.querySelector(".cs-shell")?.setAttribute("inert", ""), 240);   // at once it would hold up the first frame
    return () => { clearTimeout(timer); document.querySelector(".cs-shell")?.removeAttribute("inert"); };
  }, [pid]);
  useEffect(() => { if (ready) document.getElementById("say")?.focus(); }, [ready, pid]);
  const leave = (e) => {
    const menu = document.querySelector(".cs-sheet :popover-open");
    if (menu || store.mode) e.preventDefault();
    if (menu) menu.hidePopover(); else if (store.mode) set({ mode: "", mistake: "" });
  };
  return h(Dialog.Root, { open: !!pid, modal: false, onOpenChange: (stay) => stay || close() }, h(Dialog.Portal, null,
    h("div", { className: "cs-scrim" }),
    h(Dialog.Content, { className: "cs-sheet", "data-proposal": pid, "aria-modal": true, "aria-labelledby": ready ? "say" : "sheet-title", "aria-describedby": undefined, onEscapeKeyDown: leave,
      onInteractOutside: (e) => { if (!e.target?.closest?.(".cs-scrim")) e.preventDefault(); }, onOpenAutoFocus: (e) => e.preventDefault(), onCloseAutoFocus: (e) => e.preventDefault() },
      h(Dialog.Title, { className: "sr", id: "sheet-title" }, title), ready ? children : h(Waiting, { row: seen.get(pid) }))));
}

/** Where the open card stands in the list, as `1 of 23`; `word` has two gaps. */
export function Place({ word, id }) {
  const total = useStore((s) => s.total), at = useStore(() => view.index(id));
  return at < 0 ? null : h("span", { className: "num" }, word.replace("{}", at + 1).replace("{}", total));
}

const press = (id) => { const button = document.getElementById(id); if (button && !button.disabled) button.click(); };
const KEYS = {
  j: () => (shown ? step(1) : view.move(1)), k: () => (shown ? step(-1) : view.move(-1)),
  a: () => (shown ? press("approve") : view.cursor() && open(view.cursor())),
  r: () => { if (shown) press("reject"); else if (view.cursor()) { open(view.cursor()); set({ mode: "reject" }); } },
  "/": () => document.getElementById("find")?.focus(), "?": () => document.getElementById("keys")?.showModal(),
};
const BUTTONS = { z: "take-back", w: "withdraw", e: "edit", q: "ask", d: "delegate", u: "undo" };
const TYPING = "input,textarea,select,[contenteditable=true],[role=textbox],[role=combobox],[role=menu]";
export function Keys() {
  useEffect(() => {
    const down = (e) => {
      if (e.defaultPrevented || e.isComposing || e.metaKey || e.ctrlKey || e.altKey || (e.repeat && !/^[jk]$/i.test(e.key))) return;
      if (e.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      if (shown && e.key >= "1" && e.key <= "6") tab(e.key - 1);
      const key = e.key.toLowerCase(), command = KEYS[key] ?? (shown && BUTTONS[key] && (() => press(BUTTONS[key])));
      if (command) { e.preventDefault(); command(); }
    };
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);
  return null;
}
