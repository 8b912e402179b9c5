// Every drawing of the product. A drawing takes `h` (React's createElement, or `dom` below) and props, and is pure.
// Words come from Python through `learn`; nothing here knows a language.
export const W = {
  locale: "en-GB",
  state: {},
  risk: [],
  time: {},
  slots: {},
  toast: {},
  said: {},
  refused: {},
  toasts: {},
  fresh: {},
  palette: {},
  inbox: {},
};
export const learn = (words) => Object.assign(W, words);
export const say = (text, ...args) => text.replace(/\{\}/g, () => args.shift());

const SVG = new Set(["svg", "path", "circle", "rect", "g"]);
const NAMES = { className: "class", viewBox: "viewBox", dateTime: "datetime" };
const attribute = (name) => NAMES[name] ?? name.replace(/[A-Z]/g, (c) => "-" + c.toLowerCase());

/** The other `h`: makes DOM nodes, for AG Grid's cells. */
export function dom(tag, attrs, ...kids) {
  const e = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const name in attrs) if (attrs[name] != null) e.setAttribute(attribute(name), attrs[name]);
  e.append(...kids.flat().filter((kid) => kid != null && kid !== false));
  return e;
}

// ---- the seal: left half = the proposal, right half = the countersign, middle = what the outside system confirmed
const LEFT = "M8.6 2.89A7.25 7.25 0 0 0 8.6 17.11",
  RIGHT = "M11.4 2.89A7.25 7.25 0 0 1 11.4 17.11";
const INK = "var(--cs-text-2)",
  FAINT = "var(--cs-gray-9)",
  YOU = "var(--cs-accent-text)";
const line =
  (d, stroke, width = 1.75, more = {}) =>
  (h) =>
    h("path", { d, stroke, strokeWidth: width, ...more });
const dots = (d, stroke) => line(d, stroke, 1.9, { strokeDasharray: ".1 3.15" });
const dot = (cx, cy, r, fill) => (h) => h("circle", { cx, cy, r, fill });
const box = (at, side, rx, fill, transform) => (h) =>
  h("rect", { x: at, y: at, width: side, height: side, rx, fill, transform });
const group =
  (attrs, ...parts) =>
  (h) =>
    h("g", attrs, ...parts.map((part) => part(h)));
const whole = (colour) => [line(LEFT, colour), line(RIGHT, colour)];
const SEALS = {
  pending: (open) => [line(LEFT, INK), dots(RIGHT, open)],
  partial: (open) => [
    line(LEFT, INK),
    line("M11.4 2.89A7.25 7.25 0 0 1 17.21 9", "var(--cs-approved)"),
    dots("M17.15 11.4A7.25 7.25 0 0 1 11.4 17.11", open),
  ],
  signing: () => [line(LEFT, INK), line(RIGHT, YOU, 1.75, { className: "draw" })],
  rejecting: () => [line(LEFT, INK), line("M10.4 7.4L15.6 12.6M15.6 7.4L10.4 12.6", FAINT)],
  sending: () => [line(LEFT, INK), dots(RIGHT, YOU)],
  approved: () => whole("var(--cs-approved)"),
  queued: () => [...whole("var(--cs-approved)"), dot(10, 10, 1.6, "var(--cs-approved)")],
  executing: () => [
    ...whole("var(--cs-executing)"),
    group({ className: "spin" }, line("M10 6.6A3.4 3.4 0 1 1 6.6 10", "var(--cs-executing)", 1.6)),
  ],
  executed: () => [
    dot(10, 10, 8.1, "var(--cs-executed)"),
    line("M6.4 10.3L9 12.8L13.7 7.6", "var(--cs-green-on)", 1.9),
  ],
  rejected: () => [line(LEFT, INK), line("M10.3 7.3L15.7 12.7M15.7 7.3L10.3 12.7", INK)],
  expired: () => [line(LEFT, FAINT), dots(RIGHT, FAINT), line("M10 6.4V10l2.4 1.6", INK, 1.6)],
  withdrawn: () => [dots(LEFT, FAINT), dots(RIGHT, FAINT), line("M7 10H13", INK)],
  stale: () => [
    group({ transform: "translate(-.3 -1.9)" }, line(LEFT, "var(--cs-stale)")),
    group({ transform: "translate(.3 1.9)" }, line(RIGHT, "var(--cs-stale)")),
  ],
  failed: () => [
    box(2, 16, 4, "var(--cs-failed)"),
    line("M10 5.8V10.8", "var(--cs-red-on)", 2),
    dot(10, 13.9, 1.2, "var(--cs-red-on)"),
  ],
  unknown: () => [
    box(3.5, 13, 2.5, "var(--cs-unknown)", "rotate(45 10 10)"),
    line("M8 8.3a2.05 2.05 0 1 1 2.9 1.9c-.6.28-.9.7-.9 1.3", "var(--cs-violet-on)", 1.6),
    dot(10, 13.6, 1, "var(--cs-violet-on)"),
  ],
  undone: () => [
    ...whole(FAINT),
    line("M7.2 9.2H11.2a1.9 1.9 0 0 1 0 3.8H9.4M7.2 9.2l1.9-1.9M7.2 9.2l1.9 1.9", INK, 1.5),
  ],
};
const label = ({ state, you, signed, required }) =>
  state === "pending" && you ? W.state.yours : say(W.state[state] ?? state, signed, required);

export function seal(h, { state = "pending", size = 16, you = false, signed = 0, required = 0, hidden = false }) {
  const named = hidden
    ? { "aria-hidden": true }
    : { role: "img", "aria-label": label({ state, you, signed, required }) };
  const parts = (SEALS[state] ?? SEALS.unknown)(you ? YOU : FAINT);
  return h(
    "svg",
    { className: "cs-seal", width: size, height: size, viewBox: "0 0 20 20", ...named },
    ...parts.map((part) => part(h)),
  );
}
export const state = (h, p) =>
  h("span", { className: "cs-state" }, seal(h, { ...p, hidden: true }), h("span", { className: "trunc" }, label(p)));
export const logo = (h, { size = 20, left = "currentColor", right = "currentColor" }) =>
  h(
    "svg",
    { width: size, height: size, viewBox: "0 0 20 20", fill: "none", strokeWidth: 2.6, "aria-hidden": true },
    group({ transform: "rotate(24 10 10)" }, line(LEFT, left, 2.6), line(RIGHT, right, 2.6))(h),
  );

/** The one word of a row: how it was carried out, else how it was decided. */
export const standing = (r) =>
  r.execution !== "none" ? r.execution : r.decision === "pending" && r.signatures.length ? "partial" : r.decision;
export const ofRow = (r, phase) => ({
  state: phase ?? standing(r),
  you: r.yourTurn,
  signed: r.signatures.length,
  required: r.requiredSignatures,
});

// ---- risk: length, notches passed and the number; colour comes last
const NOTCHES = [0, 30, 60, 85, 100];
const band = (score) => (score >= 85 ? 4 : score >= 60 ? 3 : score >= 30 ? 2 : 1);
export function meter(h, { score, width = 52, height = 5 }) {
  const usable = width - 6,
    bars = [];
  for (let i = 0, x = 0; i < 4; i++) {
    const span = NOTCHES[i + 1] - NOTCHES[i],
      w = (span / 100) * usable,
      full = Math.min(1, (score - NOTCHES[i]) / span);
    bars.push(h("rect", { x, width: w, height, rx: 1.5, fill: "var(--cs-risk-track)" }));
    if (full > 0)
      bars.push(h("rect", { x, width: Math.max(2, w * full), height, rx: 1.5, fill: `var(--cs-risk-${band(score)})` }));
    x += w + 2;
  }
  return h("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": true }, ...bars);
}
export const risk = (h, { score, width }) =>
  h(
    "span",
    {
      className: "cs-risk",
      role: "img",
      "aria-label": say(W.riskLabel, score, W.risk[band(score) - 1]),
      title: W.risk[band(score) - 1],
    },
    meter(h, { score, width }),
    h("span", { className: "n" }, String(score)),
  );

// ---- time: relative in the text, absolute in the tooltip
const MINUTE = 60e3,
  HOUR = 60 * MINUTE,
  DAY = 24 * HOUR;
const part = (options) => (at) => new Intl.DateTimeFormat(W.locale, options).format(new Date(at));
const full = part({ dateStyle: "medium", timeStyle: "long" }),
  clock = part({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = part({ day: "numeric", month: "short" }),
  moment = part({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const span = (ms) =>
  ms < HOUR
    ? say(W.time.min, Math.max(1, Math.round(ms / MINUTE)))
    : ms < DAY
      ? say(W.time.h, Math.round(ms / HOUR))
      : say(W.time.d, Math.round(ms / DAY));
const ago = (at) => {
  const ms = Date.now() - Date.parse(at);
  return ms < MINUTE ? W.time.now : ms < 2 * DAY ? say(W.time.ago, span(ms)) : day(at);
};
const FORMS = {
  ago,
  clock,
  moment,
  stamp: (at) => (day(at) === day(Date.now()) ? clock(at) : moment(at)),
  due: (at) => {
    const ms = Date.parse(at) - Date.now();
    return ms < 0 ? say(W.time.over, span(-ms)) : span(ms);
  },
};
export const time = (h, { at, form = "ago", className }) =>
  h("time", { dateTime: at, title: full(at), className }, FORMS[form](at));

/** A ring that empties: amber in the last quarter, red only once it is over. */
export function due(h, { at, since }) {
  const left = (Date.parse(at) - Date.now()) / (Date.parse(at) - Date.parse(since)),
    round = 2 * Math.PI * 4.9;
  const tone = left <= 0 ? "over" : left <= 0.25 ? "soon" : "",
    colour = { over: "var(--cs-red-solid)", soon: "var(--cs-amber-solid)", "": FAINT }[tone];
  const ring = (stroke, more) => (h) => h("circle", { cx: 7, cy: 7, r: 4.9, stroke, strokeWidth: 2, ...more });
  const parts =
    left <= 0
      ? [dot(7, 7, 5.4, colour), line("M7 4v3.3", "var(--cs-surface)", 1.6), dot(7, 9.8, 0.95, "var(--cs-surface)")]
      : [
          ring("var(--cs-gray-6)"),
          ring(colour, {
            strokeLinecap: "butt",
            strokeDasharray: `${round * Math.min(1, left)} 99`,
            transform: "rotate(-90 7 7)",
          }),
        ];
  return h(
    "span",
    { className: `cs-due ${tone}` },
    h(
      "svg",
      { width: 14, height: 14, viewBox: "0 0 14 14", fill: "none", strokeLinecap: "round", "aria-hidden": true },
      ...parts.map((p) => p(h)),
    ),
    time(h, { at, form: "due" }),
  );
}

// ---- people, systems, money
const slot = (h, kind, title, text = "\u00a0") => h("span", { className: `cs-slot ${kind}`, title }, text);
export function slots(h, { required, signatures, you }) {
  if (!required) return h("span", { className: "cs-slots" }, slot(h, "auto", null, W.slots.policy));
  const open = Array.from({ length: Math.max(0, required - signatures.length) }, (_, i) =>
    you && !i ? slot(h, "you", W.slots.you) : slot(h, "", W.slots.open),
  );
  const text = say(W.slots.label, signatures.length, required);
  return h(
    "span",
    { className: "cs-slots", role: "img", "aria-label": text },
    ...signatures.map((s) => slot(h, "signed", s.by.name, s.by.initials)),
    ...open,
  );
}
export const system = (h, { name }) =>
  h("span", { className: "cs-sys", title: name, "aria-hidden": true }, name.slice(0, 2));
export function money(h, { amount }) {
  if (!amount) return h("span", { className: "t3", title: W.noAmount }, "–");
  const digits = { minimumFractionDigits: amount.exponent, maximumFractionDigits: amount.exponent };
  const text = (Math.abs(amount.minor) / 10 ** amount.exponent).toLocaleString(W.locale, digits);
  return h(
    "bdi",
    { dir: "ltr", className: "num w5" },
    h("span", { className: "cur3" }, amount.currency),
    (amount.minor < 0 ? "\u2212" : "") + text,
  );
}
