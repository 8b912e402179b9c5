// What narrows the list, term by term: one term a column, as a chip says it. Pure.
import { W, say } from "./draw.js";

const at = (iso) => {
  const when = Date.parse(iso);
  if (Number.isNaN(when)) return iso; // an address says what somebody typed
  return new Intl.DateTimeFormat(W.locale, { day: "numeric", month: "short", year: "numeric" }).format(when);
};
const major = (minor, code) => {
  const digits = decimals(code);
  return new Intl.NumberFormat(W.locale, { minimumFractionDigits: digits }).format(minor / 10 ** digits);
};
/** How many decimals a currency has; two where an address names none. */
export const decimals = (code) =>
  /^[A-Z]{3}$/.test(code)
    ? new Intl.NumberFormat(W.locale, { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits
    : 2;
const ends = (names) => [names.find((n) => /^min|From$/.test(n)), names.find((n) => /^max|To$/.test(n))];
const span = (from, to) => {
  const w = W.filters;
  if (from != null && to != null) return say(w.between, from, to);
  return say(from != null ? w.least : w.most, from ?? to);
};

/** The values that a column's choice has: all included or all excluded. */
export const picked = (filter, names) => names.flatMap((name) => (filter[name] ?? []).map((value) => [name, value]));
const choice = (column, filter) => {
  const chosen = picked(filter, column.filter.parameters),
    out = chosen.some(([, value]) => value[0] === "-");
  const label = ([name, value]) => {
    const bare = value.replace(/^-/, "");
    return column.filter.options.find((o) => o.value === bare && (o.parameter ?? name) === name)?.label ?? bare;
  };
  return [out ? W.filters.isNot : W.filters.is, chosen.map(label).join(", ")];
};
const SAY = {
  choice,
  range: (column, filter) => {
    const parts = ends(column.filter.parameters).map((name) => filter[name]),
      share = column.filter.parameters.some((name) => name.endsWith("Confidence"));
    return ["", span(...parts.map((one) => (one != null && share ? Math.round(one * 100) + " %" : one)))];
  },
  money: (column, filter) => {
    const code = filter.currency?.[0],
      parts = ends(column.filter.parameters).map((name) => filter[name] != null && major(filter[name], code));
    const numbers = parts.some(Boolean) ? span(...parts.map((one) => one || null)) : "";
    return ["", [filter.currency?.join(", "), numbers].filter(Boolean).join(" ")];
  },
  date: (column, filter) => [
    "",
    span(...ends(column.filter.parameters).map((name) => filter[name] && at(filter[name]))),
  ],
};

/** The terms of a filter: `{title, op, value, names, column?}`; what is of no column has its name from Python. */
export function terms(columns, filter) {
  const left = new Set(Object.keys(filter)),
    found = [];
  for (const column of columns ?? []) {
    const names = column.filter?.parameters.filter((name) => left.has(name)) ?? [];
    if (!names.length) continue;
    names.forEach((name) => left.delete(name));
    const [op, value] = SAY[column.filter.kind](column, filter);
    found.push({ title: column.title, op, value, names, column });
  }
  for (const name of left) {
    const { title = name, values = {} } = W.filters.other[name] ?? {},
      date = /(From|To)$/.test(name) && at(filter[name]);
    found.push({
      title,
      op: "",
      value: date || (values[filter[name]] ?? [filter[name]].flat().join(", ")),
      names: [name],
    });
  }
  return found;
}
/** A filter without these parameters. */
export const without = (filter, names) =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => !names.includes(name)));
