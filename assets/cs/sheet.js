// The frame of the card, whose address is the page's, and the one place that listens to keys.
import { createElement as h, useEffect, useSyncExternalStore } from "react";
import * as Dialog from "@radix-ui/react-dialog";
import { useNavigate, useParams } from "react-router";
import { ofRow, seal } from "./draw.js";
import { clear, mark } from "./select.js";
import { hear, seen, set, store, takeBack, useStore, view } from "./store.js";
import { notify } from "./toasts.js";

let navigate = () => {},
  shown = null,
  pushed = false,
  base = "",
  beside = false, // the card stands beside its list instead of over it
  entering = false,
  keyed = false; // the last act was a key's
export const isBeside = () => beside;
/** Where the card of a proposal is, within the list that is open. */
export const address = (id) => `${base}/${id}${location.search}`;
export const open = (id, replace = false, enter = false) => {
  if (!replace) pushed = true;
  entering = enter;
  set({ mode: "", mistake: "" });
  if (id === shown) focusCard();
  else navigate(address(id), { replace });
};
export const close = () => {
  if (pushed) navigate(-1);
  else navigate(base + location.search, { replace: true });
  pushed = false;
};
const focusCard = () => {
  if (!beside || entering) document.getElementById("say")?.focus();
  entering = false;
};
export const neighbour = (step) => {
  const at = view.index(shown);
  return at < 0 ? null : view.at(at + step);
};
export const tab = (number) => document.querySelectorAll(".cs-tabs [role=tab]")[number]?.focus();
export const step = (by) => {
  const id = neighbour(by);
  if (id) open(id, true);
};

const bar = (width) => h("span", { className: "cs-skel", style: { width } });
/** What the row knows at once; grey bars, after a moment, for what is on its way. */
function Waiting({ row, away }) {
  return h(
    "div",
    { className: "cs-waiting", "aria-busy": true },
    h("div", { className: "bar" }, h("button", { type: "button", className: "cs-btn quiet", onClick: close }, away)),
    h(
      "div",
      { className: "cs-statement" },
      row ? h("h1", null, row.statement.text) : h("span", { className: "cs-skel wide" }),
    ),
    h("div", { className: "cs-sealline" }, row && seal(h, { ...ofRow(row), size: 30 }), bar("40%")),
    h("div", { className: "lines" }, ...[30, 72, 64, 30, 52].map((width) => bar(width + "%"))),
  );
}

const ROOM = "(min-width: 1200px)";
const watchRoom = (f) => {
  const room = matchMedia(ROOM);
  room.addEventListener("change", f);
  return () => room.removeEventListener("change", f);
};
/** Once the person's own act is recorded, a key's leads to the next card after a second, unless it was taken back. */
const follow = ({ kind, id }) => {
  if (kind !== "decided" || !keyed || id !== shown) return;
  setTimeout(() => id === shown && !store.mode && !seen.get(id)?.yourTurn && step(1), 1000);
};

/** `loaded` is the id of the card that Python has ready as `children`; `title` names the sheet until it has one.
 * `home` is the list's address; `pane`: beside it where there is room. */
export function Sheet({ loaded, title, away, home, pane, children }) {
  const { pid } = useParams();
  navigate = useNavigate();
  base = home;
  const room = useSyncExternalStore(
    watchRoom,
    () => matchMedia(ROOM).matches,
    () => false,
  );
  beside = !!pane && room;
  const ready = loaded === pid;
  useEffect(() => {
    const stop = pane ? hear(follow) : () => {};
    return () => {
      stop();
      shown = null;
      set({ card: null });
    };
  }, []);
  useEffect(() => {
    const last = shown;
    shown = pid ?? null;
    set({ card: shown });
    if (!pid) {
      if (last) view.focus(last);
      return undefined;
    }
    if (beside) return undefined;
    // at once it would hold up the first frame
    const timer = setTimeout(() => document.querySelector(".cs-shell")?.setAttribute("inert", ""), 240);
    return () => {
      clearTimeout(timer);
      document.querySelector(".cs-shell")?.removeAttribute("inert");
    };
  }, [pid, beside]);
  useEffect(() => {
    if (ready) focusCard();
  }, [ready, pid]);
  const leave = (e) => {
    const dialog = document.querySelector("dialog[open]");
    if (dialog) {
      e.preventDefault();
      if (!dialog.role) dialog.close();
      return;
    }
    const menu = document.querySelector(".cs-sheet :popover-open");
    if (menu || store.mode) e.preventDefault();
    if (menu) menu.hidePopover();
    else if (store.mode) set({ mode: "", mistake: "" });
  };
  const inside = ready ? children : pid && h(Waiting, { row: seen.get(pid), away });
  const back = (e) => {
    if (e.key !== "Escape") return;
    leave(e);
    if (!e.defaultPrevented) view.focus(pid);
  };
  if (beside)
    return h(
      "section",
      { className: "cs-sheet beside", "data-proposal": pid, "aria-label": title, onKeyDown: back },
      inside,
    );
  return h(
    Dialog.Root,
    { open: !!pid, modal: false, onOpenChange: (stay) => stay || close() },
    h(
      Dialog.Portal,
      null,
      h("div", { className: "cs-scrim" }),
      h(
        Dialog.Content,
        {
          className: "cs-sheet",
          "data-proposal": pid,
          "aria-modal": true,
          "aria-labelledby": ready ? "say" : "sheet-title",
          "aria-describedby": undefined,
          onEscapeKeyDown: leave,
          onInteractOutside: (e) => {
            if (!e.target?.closest?.(".cs-scrim")) e.preventDefault();
          },
          onOpenAutoFocus: (e) => e.preventDefault(),
          onCloseAutoFocus: (e) => e.preventDefault(),
        },
        h(Dialog.Title, { className: "sr", id: "sheet-title" }, title),
        inside,
      ),
    ),
  );
}

/** Where the open card stands in the list, as `1 of 23`; `word` has two gaps. */
export function Place({ word, id, className = "num" }) {
  const total = useStore((s) => s.total),
    at = useStore(() => view.index(id));
  return at < 0 ? null : h("span", { className }, word.replace("{}", at + 1).replace("{}", total));
}

const press = (id) => {
  const button = document.getElementById(id);
  if (button?.disabled && button.title) notify({ kind: "withdrawn", title: button.title });
  else button?.click();
};
const KEYS = {
  z: () => {
    const id = ["take-back", "take-all"].find((one) => document.getElementById(one));
    if (id) press(id);
    else takeBack();
  },
  x: (e) => mark(e, shown ?? view.cursor()),
  j: () => (shown ? step(1) : view.move(1)),
  k: () => (shown ? step(-1) : view.move(-1)),
  a: () => {
    if (shown) press("approve");
    else if (document.getElementById("bulk-approve")) press("bulk-approve");
    else if (view.cursor()) open(view.cursor());
  },
  r: () => {
    if (shown) press("reject");
    else if (document.getElementById("bulk-reject")) press("bulk-reject");
    else if (view.cursor()) {
      open(view.cursor());
      set({ mode: "reject" });
    }
  },
  "/": () => document.getElementById("find")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};
const BUTTONS = { w: "withdraw", e: "edit", q: "ask", d: "delegate", u: "undo" };
const TYPING = "input,textarea,select,[contenteditable=true],[role=textbox],[role=combobox],[role=menu],.cs-pop";
export function Keys() {
  useEffect(() => {
    const point = () => {
      keyed = false;
    };
    const down = (e) => {
      keyed = true;
      if (
        e.defaultPrevented ||
        e.isComposing ||
        e.metaKey ||
        e.ctrlKey ||
        e.altKey ||
        (e.repeat && !/^[jk]$/i.test(e.key))
      )
        return;
      if (e.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      if (e.key === "Escape" && !shown && !document.querySelector(":popover-open")) clear();
      const key = e.key.toLowerCase();
      if (store.quiet.includes(key)) return;
      if (shown && key >= "1" && key <= "6") tab(key - 1);
      const command = KEYS[key] ?? (shown && BUTTONS[key] && (() => press(BUTTONS[key])));
      if (command) {
        e.preventDefault();
        command(e);
      }
    };
    addEventListener("keydown", down);
    addEventListener("pointerdown", point);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("pointerdown", point);
    };
  }, []);
  return null;
}
