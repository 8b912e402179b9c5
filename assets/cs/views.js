// The views of the list as tabs: those that everybody has, then the saved ones, and what can be done with a saved one.
import { createElement as h, useEffect, useRef, useState } from "react";
import { seek, use, wanted } from "./address.js";
import { chosen, lay, layout } from "./columns.js";
import { W } from "./draw.js";
import { Pop } from "./pop.js";
import { plain, same, saved } from "./saved.js";
import { call, choice, NEWEST, set, store, useStore } from "./store.js";
import { notify } from "./toasts.js";

const usual = (filter) => {
  if (store.view) lay(null);
  seek({ filter, find: "", view: "" });
};
const show = (one) => {
  use(one);
  seek({});
};
const WIDE = 1920;
const onPhone = () => matchMedia("(max-width: 767px)").matches;
/** What is shown now, as a view holds it. A phone shows no columns: its views have the usual ones. */
const present = () => ({ filter: wanted(), sort: store.sort, columns: layout(onPhone() ? WIDE : undefined) });
/** Writes a view, a new one without `one`; returns why not, or nothing. */
async function keep(one, name, team, { filter, sort, columns } = present()) {
  const path = one ? "/views/" + one.id : "/views",
    wish = { name, team: team || null, filter, sort, columns },
    answer = await call(path, wish, null, null, one ? "PUT" : "POST");
  if (!answer.ok) return answer.body.detail;
  await saved(true);
  set({ view: answer.body.id });
  seek({});
  return "";
}
async function save(one) {
  const refused = await keep(one, one.name, one.teamId);
  if (refused) notify({ kind: "refused", title: W.views.unsaved, detail: refused });
}
async function remove(one) {
  const { ok, body: problem } = await call("/views/" + one.id, {}, null, null, "DELETE");
  if (!ok) return notify({ kind: "refused", title: W.views.kept, detail: problem.detail });
  await saved(true);
  lay(null);
  seek({ filter: {}, find: "", view: "" });
}

/** Asks for a name and with whom the view is shared; `of` is the view that is written anew, or "new". */
function Ask({ of, done }) {
  const dialog = useRef(),
    [mistake, say] = useState(""),
    one = of === "new" ? null : of,
    teams = useStore((s) => s.teams);
  useEffect(() => {
    if (of) dialog.current.showModal();
    else dialog.current.close();
    say("");
  }, [of]);
  const send = async (e) => {
    e.preventDefault();
    const form = e.currentTarget,
      { name, team } = Object.fromEntries(new FormData(form)),
      refused = await keep(one, name.trim(), team, one ?? present());
    if (!refused) return done();
    say(refused);
    form.name.focus();
  };
  const w = W.views;
  return h(
    "dialog",
    { ref: dialog, className: "cs-dialog", id: "view-dialog", "aria-labelledby": "view-title", onClose: done },
    of &&
      h(
        "form",
        { onSubmit: send, noValidate: true },
        h(
          "div",
          null,
          h("h2", { id: "view-title" }, one ? w.change : w.save),
          h(
            "div",
            { className: "cs-field" },
            h("label", { htmlFor: "view-name" }, w.name),
            h("input", {
              id: "view-name",
              name: "name",
              className: mistake ? "cs-input is-bad" : "cs-input",
              defaultValue: one?.name ?? "",
              maxLength: 60,
              autoComplete: "off",
              "aria-invalid": !!mistake,
              "aria-describedby": "view-mistake",
            }),
            h("div", { id: "view-mistake", className: "bad", role: "alert" }, mistake),
          ),
          h(
            "div",
            { className: "cs-field" },
            h("label", { htmlFor: "view-team" }, w.share),
            h(
              "select",
              { id: "view-team", name: "team", className: "cs-input", defaultValue: one?.teamId ?? "" },
              h("option", { value: "" }, w.nobody),
              one?.teamId &&
                !teams.some((team) => team.value === one.teamId) &&
                h("option", { value: one.teamId }, one.team),
              teams.map((team) => h("option", { key: team.value, value: team.value }, team.label)),
            ),
          ),
        ),
        h(
          "footer",
          null,
          h("button", { type: "button", className: "cs-btn", onClick: done }, w.cancel),
          h("button", { className: "cs-btn primary", id: "keep-view" }, w.keep),
        ),
      ),
  );
}

const Tab = ({ on, name, count, press, children }) =>
  h(
    "button",
    { type: "button", "aria-pressed": on, "data-view": name, onClick: press },
    children,
    count != null && h("span", { className: "n" }, " " + count.toLocaleString(W.locale)),
  );
function Remove({ one, close }) {
  const [sure, be] = useState(false),
    press = () => (sure ? (close(), remove(one)) : be(true));
  return h(
    "button",
    { type: "button", className: "it", id: "remove-view", onClick: press },
    sure ? W.views.sure : W.views.remove,
  );
}
function Menu({ one, ask }) {
  const w = W.views;
  return h(
    Pop,
    { face: "⋯", label: one.name, className: "cs-btn quiet icon", "aria-label": w.more, id: "view-menu" },
    (close) => [
      h("button", { key: "change", type: "button", className: "it", onClick: () => (close(), ask(one)) }, w.change),
      h(Remove, { key: "remove", one, close }),
    ],
  );
}

/** `usuals` are name, title and filter of the views that everybody has. */
export function Views({ usuals, label }) {
  const [asked, ask] = useState(null),
    all = useStore((s) => s.saved) ?? [],
    here = useStore((s) => plain(s.filter, s.find.trim())),
    sort = useStore((s) => s.sort),
    shown = useStore((s) => s.view),
    counts = useStore((s) => s.counts);
  useStore((s) => s.layout);
  useEffect(() => {
    usuals.forEach(([name, , filter]) => choice(name, filter));
    saved();
  }, []);
  const base = all.find((one) => one.id === shown),
    changed = base && !same(base),
    pressed = (filter) => !base && plain(filter) === here,
    done = () => {
      ask(null);
      requestAnimationFrame(() => document.querySelector(".cs-views [aria-pressed=true]")?.focus());
    },
    common = usuals.some(([, , filter]) => pressed(filter)) && sort === NEWEST && !chosen(),
    w = W.views;
  return h(
    "div",
    { className: "cs-views", role: "group", "aria-label": label },
    usuals.map(([name, title, filter]) =>
      h(Tab, { key: name, name, count: counts[name], on: pressed(filter), press: () => usual(filter) }, title),
    ),
    all.length > 0 && h("span", { className: "sep", "aria-hidden": true }),
    all.map((one) =>
      h(
        Tab,
        { key: one.id, name: one.id, on: one === base, press: () => show(one) },
        one.name,
        one.team && h("span", { className: "n" }, " " + one.team),
      ),
    ),
    base?.canChange && h(Menu, { key: "menu" + base.id, one: base, ask }),
    h("span", { className: "grow" }),
    changed && h("span", { className: "t3 s12" }, w.changed),
    changed && h("button", { type: "button", className: "cs-btn quiet", onClick: () => show(base) }, w.discard),
    changed &&
      base.canChange &&
      h("button", { type: "button", className: "cs-btn", onClick: () => save(base) }, w.keep),
    !common &&
      (!base || changed) &&
      h(
        "button",
        { type: "button", className: "cs-btn quiet", id: "save-view", onClick: () => ask("new") },
        w.save + "…",
      ),
    h(Ask, { of: asked, done }),
  );
}
