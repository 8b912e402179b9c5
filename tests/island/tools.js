// A fake `h`, and ways to look into what it made.
import { learn } from "../../assets/cs/draw.js";

export const WORDS = await Bun.file(process.env.ISLAND_WORDS).json();
learn(WORDS);

export const h = (tag, attrs, ...kids) => ({ tag, attrs: attrs ?? {}, kids: kids.flat() });

const shown = (kid) => kid != null && kid !== false;
/** What a reader sees of it. */
export const text = (node) =>
  typeof node === "object" ? node.kids.filter(shown).map(text).join("") : String(node ?? "");
/** Every element in it, outermost first. */
export const all = (node) => (typeof node === "object" && node ? [node, ...node.kids.filter(shown).flatMap(all)] : []);
export const tagged = (node, tag) => all(node).filter((one) => one.tag === tag);
/** What a screen reader is told: the labels in it that are not hidden. */
export const spoken = (node) =>
  all(node)
    .map((one) => one.attrs["aria-label"])
    .filter(Boolean);

export const NOW = new Date("2026-06-15T12:00:00Z");
export const after = (minutes) => new Date(NOW.getTime() + minutes * 60e3).toISOString();
/** A row as the API sends it. */
export const row = (id, more = {}) => ({
  id,
  decision: "pending",
  execution: "none",
  signatures: [],
  requiredSignatures: 1,
  yourTurn: false,
  risk: { score: 20 },
  statement: { text: "Send a reminder for 1-0001", verb: "Send", done: "Sent", party: "Brindlemoor" },
  updatedAt: after(-10),
  createdAt: after(-60),
  ...more,
});
