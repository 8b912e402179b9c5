// The command palette. An entry is [group, text, to, remark, row]; `to` is a path, `#` and a button, or a playbook.
import { createElement as h, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { W, ofRow, say, seal } from "./draw.js";
import { call, set, useStore } from "./store.js";
import { notify } from "./toasts.js";

const leave = () => set({ palette: false });
const read = async (path, entry, signal) => ((await call(path, null, signal)).body.items ?? []).map(entry);
async function start(id) {
  const { ok, body } = await call(`/playbooks/${id}/runs`, {});
  if (ok) notify({ kind: "queued", title: say(W.palette.started, body.playbook), detail: W.palette.arrive });
  else notify({ kind: "refused", title: W.palette.notStarted, detail: body.detail });
}

export function Palette({ entries, children, ...rest }) {
  const w = W.palette,
    open = useStore((s) => s.palette),
    go = useNavigate(),
    dialog = useRef(),
    [words, setWords] = useState(""),
    [at, setAt] = useState(0),
    [all, setAll] = useState([]),
    [found, setFound] = useState([]);
  useEffect(() => {
    const key = (e) => {
      if (!(e.metaKey || e.ctrlKey) || e.altKey || e.shiftKey || e.key.toLowerCase() !== "k") return;
      e.preventDefault();
      if (!document.querySelector("dialog[open]:not(.cs-palette)")) set({ palette: !dialog.current.open });
    };
    addEventListener("keydown", key);
    return () => {
      removeEventListener("keydown", key);
      leave();
    };
  }, []);
  useEffect(() => {
    if (!open) return dialog.current.close();
    dialog.current.showModal();
    setWords("");
    Promise.all([
      read("/views", (one) => [w.views, one.name, "/proposals?view=" + one.id]),
      read("/playbooks", (one) => [w.playbooks, say(w.run, one.name), one.canRun && one.id]),
      read("/runs?limit=4", (one) => [w.runs, one.playbook, "/runs/" + one.id, one.outcome]),
    ]).then((lists) => setAll([...entries, ...lists.flat().filter((one) => one[2])]));
  }, [open]);
  useEffect(() => {
    const q = words.trim(),
      stop = new AbortController(),
      query = "/proposals?" + new URLSearchParams({ q, limit: 6 }),
      entry = (row) => [w.proposals, row.statement.text, "/proposals/" + row.id, "", row];
    const find = () => read(query, entry, stop.signal).then((rows) => stop.signal.aborted || setFound(rows));
    setAt(0);
    const timer = q[1] ? setTimeout(find, 140) : setFound([]);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  useEffect(() => {
    document.getElementById("command-" + at)?.scrollIntoView({ block: "nearest" });
    dialog.current.querySelector("input")?.setAttribute("aria-activedescendant", "command-" + at);
  }, [at, open]);
  const parts = words.toLowerCase().split(/\s+/),
    shown = [...found, ...all.filter((one) => parts.every((part) => one[1].toLowerCase().includes(part)))];
  const take = (to) => {
    leave();
    requestAnimationFrame(() =>
      to[0] === "#" ? document.querySelector(to).click() : to[0] === "/" ? go(to) : start(to),
    );
  };
  const keys = (e) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Enter: at }[e.key];
    if (to === undefined || e.nativeEvent.isComposing || e.target.type === "button") return;
    e.preventDefault();
    if (e.key !== "Enter") setAt((to + shown.length) % shown.length || 0);
    else if (shown[at]) take(shown[at][2]);
  };
  const option = ([group, text, to, remark, row], n) => {
    const does = { onPointerMove: () => setAt(n), onClick: () => take(to) },
      aria = { id: "command-" + n, role: "option", "aria-selected": n === at, className: "it", ...does };
    return [
      group !== shown[n - 1]?.[0] && h("div", { className: "lab", role: "presentation" }, group),
      h(
        "div",
        aria,
        row && seal(h, { ...ofRow(row), hidden: true }),
        h("span", { className: "grow trunc" }, text),
        h("span", { className: "t3 s12 trunc hint" }, remark),
      ),
    ];
  };
  const does = { onClose: leave, onKeyDown: keys, onInput: (e) => setWords(e.target.value) };
  return h(
    "dialog",
    { ...rest, ...does, ref: dialog, onClick: (e) => e.target === dialog.current && leave() },
    open && children,
    open && h("div", { id: "commands", role: "listbox", "aria-label": w.title }, shown.map(option)),
    open && !shown.length && h("p", { className: "none", role: "status" }, w.none),
  );
}
