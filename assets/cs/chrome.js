// Small parts that show or change the browser's own state. What they say is written in Python, as children.
import { createElement as h, useEffect, useRef } from "react";
import { refs } from "$/utils/state";
import { seek } from "./address.js";
import { say, standing, time } from "./draw.js";
import { rail, signIn } from "./frame.js";
import { useTick } from "./react.js";
import { close, neighbour, open, step, tab } from "./sheet.js";
import { decide, hear, listen, seen, set, showNew, store, useStore, view } from "./store.js";
import { notify } from "./toasts.js";

const ACTS = {
  open,
  close,
  decide,
  showNew,
  next: () => step(1),
  previous: () => step(-1),
  retry: () => view.reload(true),
  reload: () => location.reload(),
  mode: (mode) => {
    set({ mode, mistake: "" });
    if (mode === "edit") tab(0);
    requestAnimationFrame(() => document.getElementById("reason")?.focus());
  },
  clear: () => seek({ filter: {}, find: "", view: "" }),
  rail,
  pick: (step) => set({ step: store.step === step ? "" : step }),
  signIn,
  palette: (palette = true) => set({ palette }),
  copy: (text) => navigator.clipboard?.writeText(text),
  copyLink: () => navigator.clipboard?.writeText(location.href),
  help: () => {
    const keys = document.getElementById("keys");
    if (keys.open) keys.close();
    else keys.showModal();
  },
};
/** A button with an act of this page. `live`: not while offline; `step`: not without a neighbour. */
export function Do({ act, arg, live, children, disabled, title, offline, ...rest }) {
  const off = useStore((s) => live && s.connection === "offline"),
    busy = useStore((s) => live && !!s.phase[arg?.id ?? ""]);
  const alone = useStore(() => (act === "next" ? !neighbour(1) : act === "previous" ? !neighbour(-1) : false));
  return h(
    "button",
    {
      type: "button",
      ...rest,
      title: off ? offline : title,
      disabled: !!(disabled || off || busy || alone),
      onClick: () => ACTS[act]?.(arg),
    },
    children,
  );
}
/** Children, while the browser's own value is one of `equals`. */
export const When = ({ of, equals, children }) =>
  equals.split(" ").includes(String(useStore((s) => s[of]))) ? children : null;
export const Unless = ({ of, equals, children }) =>
  equals.split(" ").includes(String(useStore((s) => s[of]))) ? null : children;
export const Value = ({ of }) => {
  const value = useStore((s) => s[of]);
  return value == null ? null : of === "since" ? time(h, { at: value, form: "clock" }) : value.toLocaleString();
};
/** Children for one standing of a proposal: the own act, else what the stream told since, else what the card said. */
export function Phase({ id, server, show, children }) {
  const now = useStore((s) => s.phase[id] ?? (seen.has(id) ? standing(seen.get(id)) : server));
  return show.split(" ").includes(now) ? children : null;
}
export function Connection({ children }) {
  const connection = useStore((s) => s.connection);
  return h("span", { className: `cs-live ${connection}`, "data-connection": connection, role: "status" }, children);
}
export function Find(props) {
  const timer = useRef(0),
    value = useStore((s) => s.find);
  const change = (e) => {
    const find = e.target.value;
    set({ find });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => seek({}), 200);
  };
  const leave = (e) => {
    if (e.key === "Escape") {
      e.currentTarget.blur();
      if (store.find) seek({ find: "" });
    }
  };
  return h("input", { ...props, id: "find", type: "search", value, onChange: change, onKeyDown: leave });
}
export function Sort({ children, ...rest }) {
  const sort = useStore((s) => s.sort);
  return h("select", { ...rest, value: sort, onChange: (e) => seek({ sort: e.target.value }) }, children);
}
/** The form of an act that needs a reason: sends both. */
export function Reason({ arg, children, ...rest }) {
  const send = (e) => {
    e.preventDefault();
    const reason = new FormData(e.currentTarget).get("reason").trim();
    if (reason) decide({ ...arg, reason });
    else {
      set({ mistake: "reason" });
      document.getElementById("reason").focus();
    }
  };
  return h("form", { ...rest, noValidate: true, onSubmit: send }, children);
}
/** What is left of `seconds` since the last signature, else since `at`; `word` has a gap for it. */
export function Hold({ id, at, seconds, word, over }) {
  const since = useStore(() => seen.get(id)?.signatures.at(-1)?.at ?? at);
  useTick(200);
  const left = Math.ceil(Math.min(seconds, seconds + (Date.parse(since) - Date.now()) / 1000));
  return h("span", { className: "num", role: "timer" }, left > 0 ? say(word, left) : over);
}
/** Tells Python that something it shows has changed: at once, then at most every `every` ms. */
export function Hear({ of, id, every = 300, onChange }) {
  const now = useRef();
  now.current = onChange;
  useEffect(() => {
    let timer = null,
      again = false;
    const fire = () => {
      now.current();
      timer = setTimeout(() => {
        timer = null;
        if (again) {
          again = false;
          fire();
        }
      }, every);
    };
    const stop = hear((change) => {
      const kinds = of.split(" "),
        about = change.proposal?.id ?? change.run?.id ?? change.id;
      if (
        change.kind !== "reset" &&
        !(kinds.includes(change.kind) && (!id || id === about || id === change.run?.parentRunId))
      )
        return;
      if (timer) again = true;
      else fire();
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [of, id]);
  return null;
}
refs.ref_cs_form = {
  current: {
    set value([id, next]) {
      if (store.card !== id) return; // another card is open by now
      ACTS.mode("");
      tab(next);
    },
  },
}; // how Python closes the form of one card, and where it leads
refs.ref_cs_focus = {
  current: {
    set value(first) {
      requestAnimationFrame(() => document.querySelector(first)?.focus());
    },
  },
};
refs.ref_cs_toast = {
  current: {
    set value(message) {
      notify(message);
    },
  },
}; // how Python says something
/** Opens the change stream for whoever is signed in; leaves, by a page load, for where Python sends them. */
export function Bridge({ who, leave, ended }) {
  useEffect(() => listen(who), [who]);
  useEffect(() => {
    if (ended) set({ session: "ended" });
  }, [ended]);
  useEffect(() => {
    if (leave) location.assign(leave);
  }, [leave]);
  return null;
}
