// Narrowing the list: chips, and an editor for each kind of column. The columns and their values come from the API.
import { createElement as h, useEffect, useState } from "react";
import { parameters, seek } from "./address.js";
import { layout, options } from "./columns.js";
import { W, money, say } from "./draw.js";
import { Pop } from "./pop.js";
import { store, useStore } from "./store.js";
import { decimals, picked, terms, without } from "./terms.js";

const field = (label, input) => h("label", { className: "fld" }, h("span", null, label), input);
const number = (name, value, set, more) =>
  h("input", {
    className: "cs-input",
    type: "number",
    name,
    value: value ?? "",
    onChange: (e) => set(e.target.value),
    ...more,
  });

function Choice({ column, filter, change }) {
  const [words, find] = useState(""),
    names = column.filter.parameters,
    chosen = picked(filter, names),
    not = chosen.some(([, value]) => value[0] === "-");
  const put = (list, out) => {
    const next = without(filter, names);
    for (const [name, value] of list) (next[name] ??= []).push((out ? "-" : "") + value.replace(/^-/, ""));
    change(next);
  };
  const found = column.filter.options.filter((o) => o.label.toLowerCase().includes(words.toLowerCase()));
  const tick = (o) => {
    const name = o.parameter ?? names[0],
      on = chosen.some(([n, value]) => n === name && value.replace(/^-/, "") === o.value);
    const others = chosen.filter(([n, value]) => n !== name || value.replace(/^-/, "") !== o.value);
    return h(
      "label",
      { key: name + o.value, className: "it" },
      h("input", {
        type: "checkbox",
        checked: on,
        onChange: () => put(on ? others : [...others, [name, o.value]], not),
      }),
      h("span", { className: "trunc" }, o.label),
    );
  };
  const flip = (e) => put(chosen, e.target.value === "not");
  return [
    h(
      "select",
      { key: "op", className: "cs-input", value: not ? "not" : "is", "aria-label": column.title, onChange: flip },
      h("option", { value: "is" }, W.filters.is),
      h("option", { value: "not" }, W.filters.isNot),
    ),
    column.filter.options.length > 9 &&
      h("input", {
        key: "find",
        className: "cs-input",
        type: "search",
        placeholder: W.filters.find,
        "aria-label": W.filters.find,
        onChange: (e) => find(e.target.value),
      }),
    h("div", { key: "all", className: "opts" }, found.map(tick)),
  ];
}
const set = (filter, name, value) => ({
  ...without(filter, [name]),
  ...(value !== "" && value != null && { [name]: value }),
});
function Range({ column, filter, change }) {
  const scale = column.filter.parameters[0].endsWith("Confidence") ? 100 : 1;
  return column.filter.parameters.map((name, n) =>
    field(
      n ? W.filters.to : W.filters.from,
      number(
        name,
        filter[name] == null ? "" : Math.round(filter[name] * scale),
        (value) => change(set(filter, name, value === "" ? "" : String(value / scale))),
        { min: 0, max: 100 },
      ),
    ),
  );
}
function Amount({ column, filter, change }) {
  const codes = column.filter.options.map((o) => o.value),
    code = filter.currency?.[0] ?? codes[0],
    unit = code ? 10 ** decimals(code) : 1;
  const put = (name, value) =>
    change({
      ...set(filter, name, value === "" ? "" : String(Math.round(value * unit))),
      ...(code && { currency: [code] }),
    });
  const money = ["minAmount", "maxAmount"];
  const swap = (e) => change({ ...without(filter, money), currency: [e.target.value] });
  return [
    h(
      "select",
      { key: "code", className: "cs-input", value: code, "aria-label": W.filters.currency, onChange: swap },
      codes.map((one) => h("option", { key: one }, one)),
    ),
    ...money.map((name, n) =>
      field(
        n ? W.filters.to : W.filters.from,
        number(name, filter[name] == null ? "" : filter[name] / unit, (value) => put(name, value), {
          step: "any",
          min: 0,
        }),
      ),
    ),
  ];
}
const DAY = 864e5;
const day = (iso) =>
  Date.parse(iso) ? new Date(Date.parse(iso) - new Date(iso).getTimezoneOffset() * 6e4).toISOString().slice(0, 10) : "";
function Dates({ column, filter, change }) {
  const [from, to] = column.filter.parameters;
  const moment = (value, name) => new Date(value + (name === to ? "T23:59:59.999" : "T00:00")).toISOString();
  const quick = ([label, back, ahead]) =>
    h(
      "button",
      {
        key: label,
        type: "button",
        className: "cs-btn quiet",
        onClick: () =>
          change({
            ...without(filter, [from, to]),
            ...(back != null && { [from]: new Date(Date.now() - back * DAY).toISOString() }),
            ...(ahead != null && { [to]: new Date(Date.now() + ahead * DAY).toISOString() }),
          }),
      },
      label,
    );
  return [
    ...[from, to].map((name, n) =>
      field(
        n ? W.filters.until : W.filters.since,
        h("input", {
          className: "cs-input",
          type: "date",
          name,
          value: day(filter[name]),
          onChange: (e) => change(set(filter, name, e.target.value && moment(e.target.value, name))),
        }),
      ),
    ),
    h("div", { key: "quick", className: "row" }, W.filters.quick[from === "dueFrom" ? "due" : "past"].map(quick)),
  ];
}
const EDITORS = { choice: Choice, range: Range, money: Amount, date: Dates };
function Editor({ column, close }) {
  const filter = useStore((s) => s.filter),
    change = (next) => seek({ filter: next });
  return h(
    "div",
    { className: "edit", "data-filter": column.id },
    h("div", { className: "lab" }, column.title),
    h(EDITORS[column.filter.kind], { column, filter, change }),
    h("button", { type: "button", className: "cs-btn", onClick: close }, W.filters.done),
  );
}
function Add({ close }) {
  const all = useStore((s) => s.columns) ?? [],
    [chosen, choose] = useState(null),
    column = all.find(({ id }) => id === chosen);
  if (column) return h(Editor, { column, close });
  return all
    .filter((one) => one.filter && (one.filter.kind !== "choice" || one.filter.options.length))
    .map((one) =>
      h("button", { key: one.id, type: "button", className: "it", onClick: () => choose(one.id) }, one.title),
    );
}
const Chip = ({ term }) =>
  h(
    "span",
    { className: "cs-chip", "data-term": term.names.join(" ") },
    term.column
      ? h(
          Pop,
          {
            className: "say",
            label: term.title,
            face: [term.title, " ", term.op, " ", h("b", { key: "v" }, term.value)],
          },
          (close) => h(Editor, { column: term.column, close }),
        )
      : h("span", { className: "say" }, term.title, " ", h("b", null, term.value)),
    h(
      "button",
      {
        type: "button",
        className: "x",
        "aria-label": say(W.filters.remove, term.title),
        onClick: () => seek({ filter: without(store.filter, term.names) }),
      },
      "×",
    ),
  );

/** The chips of the present filter and the button that adds one; `children` is its face. */
export function Filters({ children }) {
  const filter = useStore((s) => s.filter),
    all = useStore((s) => s.columns),
    narrowed = Object.keys(filter).length > 0;
  useEffect(() => {
    if (narrowed) options();
  }, [narrowed]);
  const found = terms(all, filter);
  return h(
    "div",
    { className: "cs-terms" },
    found.map((term) => h(Chip, { key: term.names[0], term })),
    h(
      Pop,
      { id: "add-filter", label: W.filters.add, face: children, onFocus: options, onPointerEnter: options },
      (close) => h(Add, { close }),
    ),
  );
}

/** Downloads the whole list as it is narrowed, ordered and laid out. */
export function Export({ children, ...rest }) {
  const all = useStore(() => {
    const query = parameters();
    layout().forEach(({ id }) => query.append("columns", id));
    return String(query);
  });
  return h("a", { ...rest, href: "/api/v1/proposals/export?" + all, download: "" }, children);
}

/** What the list adds up to: how many, and the sums per currency. */
export function Total({ one, many, estimate }) {
  const total = useStore((s) => s.total),
    about = useStore((s) => s.estimated),
    state = useStore((s) => s.rows),
    sums = useStore((s) => s.summary?.sums);
  if (state !== "ready" && state !== "empty" && state !== "filtered") return null;
  return h(
    "span",
    { className: "row", id: "total" },
    say(about ? estimate : total === 1 ? one : many, total.toLocaleString(W.locale)),
    total > 0 &&
      sums?.slice(0, 4).map((amount) => h("span", { key: amount.currency, className: "t3" }, money(h, { amount }))),
  );
}
