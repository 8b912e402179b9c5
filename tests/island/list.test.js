// What narrows the list: whether a row still lies in it, and what its chips say.
import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test";
import { fits } from "../../assets/cs/fits.js";
import { decimals, picked, terms, without } from "../../assets/cs/terms.js";
import { NOW, after, row } from "./tools.js";

beforeAll(() => setSystemTime(NOW));
afterAll(() => setSystemTime());

const credit = row("1", {
  risk: { score: 60 },
  confidence: 0.8,
  amount: { minor: 12_000, currency: "USD" },
  dueAt: after(60),
  playbookId: "p1",
  requestedBy: { id: "u1" },
});

describe("a row", () => {
  const cases = [
    ["one of several decisions", { decision: ["stale", "pending"] }, true],
    ["another decision", { decision: ["stale"] }, false],
    ["a decision that is excluded", { decision: ["-pending"] }, false],
    ["only others excluded", { decision: ["-stale", "-rejected"] }, true],
    ["the least risk itself", { minRisk: "60" }, true],
    ["less than the least risk", { minRisk: "61" }, false],
    ["the most risk itself", { maxRisk: "60" }, true],
    ["numbers compared as numbers", { minAmount: "9000", maxAmount: "20000" }, true],
    ["another currency", { currency: ["EUR"] }, false],
    ["the share of confidence", { minConfidence: "0.8", maxConfidence: "1" }, true],
    ["due before then", { dueTo: after(90) }, true],
    ["due only later", { dueFrom: after(90) }, false],
    ["created within", { createdFrom: after(-61), createdTo: after(-59) }, true],
    ["your turn while it is not", { box: "mine" }, false],
    ["a box of which a row tells nothing", { box: "team" }, true],
    ["what a row does not tell", { run: "r1", team: ["t1"], q: "words", decidedFrom: after(0) }, true],
    ["all of several terms", { decision: ["pending"], minRisk: "61" }, false],
  ];
  test.each(cases)("when the list asks for %s then is told rightly", (_, filter, wanted) => {
    expect(fits(credit, filter)).toBe(wanted);
  });
  test("when it has no amount or due time then lies in no range of them", () => {
    for (const filter of [{ minAmount: "0" }, { maxAmount: "1" }, { dueFrom: after(-9) }, { currency: ["USD"] }])
      expect(fits(row("2", { requestedBy: {} }), filter)).toBe(false);
  });
});

describe("the chips", () => {
  const status = { title: "Status", filter: { kind: "choice", parameters: ["decision", "execution"], options: [] } };
  status.filter.options = [
    { value: "pending", label: "Pending", parameter: "decision" },
    { value: "unknown", label: "Unknown", parameter: "execution" },
  ];
  const risk = { title: "Risk", filter: { kind: "range", parameters: ["minRisk", "maxRisk"], options: [] } };
  const share = {
    title: "Confidence",
    filter: { kind: "range", parameters: ["minConfidence", "maxConfidence"], options: [] },
  };
  const amount = {
    title: "Amount",
    filter: { kind: "money", parameters: ["minAmount", "maxAmount", "currency"], options: [] },
  };
  const say = (column, filter) =>
    terms([column], filter).map(({ title, op, value }) => [title, op, value].filter(Boolean).join(" "));

  test("when values of both parameters are chosen then one chip names them", () => {
    expect(say(status, { decision: ["pending"], execution: ["unknown"] })).toEqual(["Status is Pending, Unknown"]);
    expect(say(status, { decision: ["-pending"] })).toEqual(["Status is not Pending"]);
  });
  test("when a value has no name any more then it is shown itself", () => {
    expect(say(status, { decision: ["lost"] })).toEqual(["Status is lost"]);
  });
  test("when a range is open at one end then says so", () => {
    expect(say(risk, { minRisk: "30" })).toEqual(["Risk from 30"]);
    expect(say(risk, { maxRisk: "0" })).toEqual(["Risk up to 0"]);
    expect(say(risk, { minRisk: "0", maxRisk: "30" })).toEqual(["Risk 0 to 30"]);
    expect(say(share, { minConfidence: "0.805" })).toEqual(["Confidence from 81 %"]);
  });
  test("when it is money then says it in the currency's own decimals", () => {
    expect(say(amount, { minAmount: "123456", currency: ["USD"] })).toEqual(["Amount USD from 1,234.56"]);
    expect(say(amount, { maxAmount: "5000", currency: ["JPY"] })).toEqual(["Amount JPY up to 5,000"]);
    expect(say(amount, { minAmount: "0", currency: ["USD"] })).toEqual(["Amount USD from 0.00"]);
    expect([decimals("USD"), decimals("JPY"), decimals("KWD")]).toEqual([2, 0, 3]);
  });
  test("when an address holds what is no currency and no time then it is still said", () => {
    expect(say(amount, { minAmount: "100" })).toEqual(["Amount from 1.00"]);
    expect(say(amount, { minAmount: "100", currency: ["-USD"] })).toEqual(["Amount -USD from 1.00"]);
    const due = { title: "Due", filter: { kind: "date", parameters: ["dueFrom", "dueTo"], options: [] } };
    expect(say(due, { dueFrom: "soon" })).toEqual(["Due from soon"]);
    expect(say(due, { dueTo: "2026-06-16T10:00:00Z" })).toEqual(["Due up to 16 Jun 2026"]);
  });
  test("when no column has the parameter then it is still said, and can be removed", () => {
    const found = terms([risk], { box: "mine", run: "r1" });
    expect(found.map(({ title, value }) => [title, value])).toEqual([
      ["Inbox", "Your turn"],
      ["Run", "r1"],
    ]);
    expect(without({ box: "mine", run: "r1" }, found[0].names)).toEqual({ run: "r1" });
  });
  test("when values are picked then each keeps its parameter", () => {
    const filter = { decision: ["pending"], execution: ["-unknown"], minRisk: "1" };
    expect(picked(filter, status.filter.parameters)).toEqual([
      ["decision", "pending"],
      ["execution", "-unknown"],
    ]);
  });
});
