// Parts of the frame around every page, and of the log-in.
import { createElement as h, useEffect, useRef, useState } from "react";
import { W, say } from "./draw.js";
import { hear } from "./store.js";

/** Stands over the page and cannot be put away. */
export function Ended({ children, ...rest }) {
  const dialog = useRef();
  useEffect(() => {
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    dialog.current.showModal();
  }, []);
  const stay = (e) => e.preventDefault();
  return h("dialog", { ...rest, ref: dialog, role: "alertdialog", onCancel: stay }, children);
}

/** Reads out how many proposals are new: politely, at most once every five seconds. */
export function Announce() {
  const [text, tell] = useState("");
  useEffect(() => {
    let count = 0,
      timer = 0,
      last = 0;
    const speak = () => {
      tell(say(count === 1 ? W.fresh.one : W.fresh.many, count));
      last = Date.now();
      count = timer = 0;
    };
    return hear(({ kind }) => {
      if (kind !== "proposal.created") return;
      count++;
      timer ||= setTimeout(speak, Math.max(600, last + 5000 - Date.now()));
    });
  }, []);
  return h("div", { className: "sr", role: "status", id: "heard" }, text);
}

/** Brings back into the log-in's form, after a refusal, what early.js has kept of it. */
export function Remember({ refused, next }) {
  useEffect(() => {
    if (!refused) return;
    const form = document.forms["log-in"],
      [typed, place] = JSON.parse(sessionStorage.getItem("cs-login") ?? "[]");
    if (place && !location.search.includes("next=")) form.next.value = place;
    if (!typed || form.email.value) return;
    form.email.value = typed;
    form.password.focus();
  }, [refused, next]);
  return null;
}

/** Arrow keys go from button to button. */
export function Walk({ children, ...rest }) {
  const step = (e) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key],
      all = [...e.currentTarget.querySelectorAll("button")];
    if (!by) return;
    e.preventDefault();
    all[all.indexOf(document.activeElement) + by]?.focus();
  };
  return h("ol", { ...rest, onKeyDown: step }, children);
}

/** Where the log-in page leads back to: this page with its query and the open card. */
export const signIn = () => location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
export const rail = () => {
  const { dataset } = document.documentElement;
  if (dataset.rail) delete dataset.rail;
  else dataset.rail = "narrow";
  localStorage.setItem("cs-rail", dataset.rail ?? "");
  dispatchEvent(new Event("resize"));
};
