// The drawings, with a fake `h`: what a reader sees, what a screen reader hears, and where the lines lie.
import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test";
import * as draw from "../../assets/cs/draw.js";
import { NOW, WORDS, after, all, h, row, spoken, tagged, text } from "./tools.js";

beforeAll(() => setSystemTime(NOW));
afterAll(() => setSystemTime());

const shape = (name, more = {}) => {
  const svg = draw.seal(h, { state: name, ...more });
  return JSON.stringify(svg.kids);
};

describe("the seal", () => {
  const names = Object.keys(WORDS.state).filter((name) => name !== "yours");

  test.each(names)("of %s when drawn then is named by its word and has its own shape", (name) => {
    const svg = draw.seal(h, { state: name });
    expect(svg.tag).toBe("svg");
    expect(svg.attrs.role).toBe("img");
    expect(svg.attrs["aria-label"]).toBe(draw.say(WORDS.state[name], 0, 0));
    const alike = names.filter((other) => shape(other) === shape(name));
    expect(alike).toEqual([name]);
  });
  test("when it is half signed then says how far", () => {
    expect(spoken(draw.seal(h, { state: "partial", signed: 1, required: 2 }))).toEqual(["1 of 2 signed"]);
  });
  test("when it is hidden then says nothing", () => {
    const svg = draw.seal(h, { state: "executed", hidden: true });
    expect(svg.attrs["aria-hidden"]).toBe(true);
    expect(spoken(svg)).toEqual([]);
  });
  test("when it waits for you then the open half has your colour and it says so", () => {
    expect(shape("pending", { you: true })).toContain("--cs-accent-text");
    expect(shape("pending")).not.toContain("--cs-accent-text");
    expect(spoken(draw.seal(h, { state: "pending", you: true }))).toEqual([WORDS.state.yours]);
  });
  test("of a state from the future when drawn then is the unknown one, not an error", () => {
    expect(shape("teleported")).toBe(shape("unknown"));
  });
  test("when the outside system confirmed then it is full, when only signed then both halves are lines", () => {
    const full = tagged(draw.seal(h, { state: "executed" }), "circle");
    expect(full.some((circle) => circle.attrs.r > 8)).toBe(true);
    expect(tagged(draw.seal(h, { state: "approved" }), "path")).toHaveLength(2);
    expect(tagged(draw.seal(h, { state: "approved" }), "circle")).toEqual([]);
  });
  test("when it has a size then the picture keeps its proportions", () => {
    const { width, height, viewBox } = draw.seal(h, { size: 30 }).attrs;
    expect([width, height, viewBox]).toEqual([30, 30, "0 0 20 20"]);
  });
});

describe("the state", () => {
  test("when half signed then counts the signatures", () => {
    const drawn = draw.state(h, { state: "partial", signed: 1, required: 2 });
    expect(text(drawn)).toBe("1 of 2 signed");
    expect(spoken(drawn)).toEqual([]); // the word is read, not the seal beside it
  });
  test("when it is your turn then says so, but only while it is pending", () => {
    expect(text(draw.state(h, { state: "pending", you: true }))).toBe(WORDS.state.yours);
    expect(text(draw.state(h, { state: "executed", you: true }))).toBe(WORDS.state.executed);
  });
  test.each([
    [{}, "pending"],
    [{ signatures: [{}], requiredSignatures: 2 }, "partial"],
    [{ decision: "rejected", signatures: [{}] }, "rejected"],
    [{ decision: "approved", execution: "executing" }, "executing"],
    [{ decision: "approved", execution: "unknown", signatures: [{}] }, "unknown"],
  ])("of a row %j when asked then is %s", (more, expected) => {
    expect(draw.standing(row("p", more))).toBe(expected);
  });
  test("of a row with an act of one's own under way then that comes first", () => {
    expect(draw.ofRow(row("p"), "signing").state).toBe("signing");
    expect(draw.ofRow(row("p"))).toEqual({ state: "pending", you: false, signed: 0, required: 1 });
  });
});

describe("the risk", () => {
  const bands = [
    [0, 0], [29, 0], [30, 1], [59, 1], [60, 2], [84, 2], [85, 3], [100, 3],
  ]; // prettier-ignore
  test.each(bands)("of %i when drawn then is band %i in words, number and colour", (score, band) => {
    const drawn = draw.risk(h, { score });
    expect(spoken(drawn)).toEqual([`Risk ${score} of 100, ${WORDS.risk[band]}`]);
    expect(text(drawn)).toBe(String(score));
    const colours = tagged(drawn, "rect").map((rect) => rect.attrs.fill);
    const inked = new Set(colours.filter((fill) => !fill.includes("track")));
    expect([...inked]).toEqual(score ? [`var(--cs-risk-${band + 1})`] : []);
  });
  test.each([
    [0, 0],
    [10, 1],
    [30, 1],
    [31, 2],
    [60, 2],
    [61, 3],
    [85, 3],
    [86, 4],
    [100, 4],
  ])("of %i when drawn then reaches into notch %i", (score, notches) => {
    const rects = tagged(draw.meter(h, { score }), "rect");
    expect(rects.filter((rect) => !rect.attrs.fill.includes("track"))).toHaveLength(notches);
    expect(rects.filter((rect) => rect.attrs.fill.includes("track"))).toHaveLength(4);
  });
  test("when it grows then the ink never gets shorter and never leaves the scale", () => {
    let last = 0;
    for (let score = 0; score <= 100; score++) {
      const ink = tagged(draw.meter(h, { score, width: 52 }), "rect").filter((r) => !r.attrs.fill.includes("track"));
      const length = ink.reduce((sum, rect) => sum + rect.attrs.width, 0);
      expect(length).toBeGreaterThanOrEqual(last);
      last = length;
      for (const rect of ink) expect(rect.attrs.x + rect.attrs.width).toBeLessThanOrEqual(52);
    }
    expect(last).toBeCloseTo(46);
    const [, ink] = tagged(draw.meter(h, { score: 15, width: 52 }), "rect");
    expect(ink.attrs.width).toBeCloseTo(0.15 * 46); // half of the first notch
  });
});

describe("time", () => {
  test.each([
    [-0.2, "just now"],
    [-5, "5 min ago"],
    [-90, "2 h ago"],
    [-23 * 60, "23 h ago"],
    [-47 * 60, "2 d ago"],
    [-49 * 60, "13 Jun"],
  ])("%f minutes away when told then reads %s", (minutes, expected) => {
    const drawn = draw.time(h, { at: after(minutes) });
    expect(text(drawn)).toBe(expected);
    expect(drawn.attrs.dateTime).toBe(after(minutes));
    expect(drawn.attrs.title).toContain("2026");
  });
  test("when a clock is wanted then has seconds, when a moment then a day", () => {
    expect(text(draw.time(h, { at: NOW.toISOString(), form: "stamp" }))).toBe("12:00:00");
    expect(text(draw.time(h, { at: after(-1500), form: "stamp" }))).toBe("14 Jun, 11:00");
    expect(text(draw.time(h, { at: NOW.toISOString(), form: "clock" }))).toBe("12:00:00");
    expect(text(draw.time(h, { at: NOW.toISOString(), form: "moment" }))).toBe("15 Jun, 12:00");
  });
  test.each([
    [59, "59 min", ""],
    [60.5, "1 h", ""],
    [10, "10 min", "soon"],
    [-30, "30 min over", "over"],
    [-3 * 24 * 60, "3 d over", "over"],
  ])("due in %f minutes when drawn then reads %s and is '%s'", (minutes, words, tone) => {
    const drawn = draw.due(h, { at: after(minutes), since: after(minutes > 0 ? -60 : -6000) });
    expect(text(drawn)).toBe(words);
    expect(drawn.attrs.className.trim()).toBe(`cs-due ${tone}`.trim());
  });
  test("when half of it is gone then the ring is half empty", () => {
    const ring = (left) => {
      const circles = tagged(draw.due(h, { at: after(left), since: after(left - 100) }), "circle");
      return parseFloat(circles.at(-1).attrs.strokeDasharray);
    };
    const round = 2 * Math.PI * 4.9;
    expect(ring(50)).toBeCloseTo(round / 2);
    expect(ring(25)).toBeCloseTo(round / 4);
    expect(ring(400)).toBeCloseTo(round); // begun in the future: full, not more
  });
  test("when exactly a quarter is left then it is soon, a little more and it is not", () => {
    const tone = (left) => draw.due(h, { at: after(left), since: after(left - 100) }).attrs.className;
    expect(tone(25)).toContain("soon");
    expect(tone(26)).not.toContain("soon");
  });
});

describe("signatures", () => {
  const ada = { by: { name: "Ada Byron", initials: "AB" } };
  const kinds = (drawn) => drawn.kids.map((slot) => slot.attrs.className.replace("cs-slot", "").trim());

  test("when one of two is given then one slot is signed, one is open, and it says so", () => {
    const drawn = draw.slots(h, { required: 2, signatures: [ada], you: false });
    expect(kinds(drawn)).toEqual(["signed", ""]);
    expect(spoken(drawn)).toEqual(["1 of 2 signed"]);
    expect(text(drawn)).toContain("AB");
    expect(drawn.kids[0].attrs.title).toBe("Ada Byron");
  });
  test("when it is your turn then only the first open slot is yours", () => {
    expect(kinds(draw.slots(h, { required: 3, signatures: [ada], you: true }))).toEqual(["signed", "you", ""]);
  });
  test("when the policy decides alone then says that", () => {
    expect(text(draw.slots(h, { required: 0, signatures: [] }))).toBe(WORDS.slots.policy);
  });
  test("when more have signed than needed then no slot is open", () => {
    expect(kinds(draw.slots(h, { required: 1, signatures: [ada, ada], you: true }))).toEqual(["signed", "signed"]);
  });
});

describe("money", () => {
  test.each([
    [{ minor: 123456, exponent: 2, currency: "EUR" }, "EUR1,234.56"],
    [{ minor: 5, exponent: 2, currency: "EUR" }, "EUR0.05"],
    [{ minor: 1200, exponent: 0, currency: "JPY" }, "JPY1,200"],
    [{ minor: 1234567, exponent: 3, currency: "KWD" }, "KWD1,234.567"],
    [{ minor: -9900, exponent: 2, currency: "USD" }, "USD\u221299.00"],
    [{ minor: 0, exponent: 2, currency: "USD" }, "USD0.00"],
  ])("of %j when drawn then reads %s", (amount, expected) => {
    const drawn = draw.money(h, { amount });
    expect(text(drawn).replace(/\s/g, "")).toBe(expected);
    expect(drawn.attrs.dir).toBe("ltr");
  });
  test("when there is none then a dash that says so", () => {
    const drawn = draw.money(h, { amount: null });
    expect([text(drawn), drawn.attrs.title]).toEqual(["–", WORDS.noAmount]);
  });
});

test("a system when drawn then is two letters beside its name", () => {
  const drawn = draw.system(h, { name: "stripe" });
  expect([text(drawn), drawn.attrs.title]).toEqual(["st", "stripe"]);
});
test("the mark when drawn then says nothing", () => {
  expect(spoken(draw.logo(h, {}))).toEqual([]);
  expect(all(draw.logo(h, {}))).not.toEqual([]);
});
test("words with gaps when filled then in order, without arguments empty", () => {
  expect(draw.say("{} of {}", 1, 2)).toBe("1 of 2");
  expect(draw.say("plain")).toBe("plain");
});
