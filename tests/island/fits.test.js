// Whether a changed row still lies in the list on the screen.
import { describe, expect, test } from "bun:test";
import { fits } from "../../assets/cs/fits.js";
import { after, row } from "./tools.js";

const one = row("p", {
  amount: { minor: 12_000, currency: "EUR", exponent: 2 },
  risk: { score: 60 },
  confidence: 0.8,
  dueAt: after(60),
  playbookId: "pb",
  action: "remind",
  requestedBy: { id: "ada" },
});
const cases = [
  [{}, true],
  [{ decision: ["pending"] }, true],
  [{ decision: ["approved", "rejected"] }, false],
  [{ decision: ["approved", "pending"] }, true],
  [{ decision: ["-pending"] }, false],
  [{ decision: ["-approved"] }, true],
  [{ decision: "pending" }, true],
  [{ execution: ["none"], playbook: ["pb"], action: ["remind"], requester: ["ada"], currency: ["EUR"] }, true],
  [{ playbook: ["other"] }, false],
  [{ currency: ["USD"] }, false],
  [{ minRisk: 60 }, true],
  [{ minRisk: "61" }, false],
  [{ maxRisk: 60 }, true],
  [{ maxRisk: 59 }, false],
  [{ minRisk: 30, maxRisk: 59 }, false],
  [{ minAmount: 12_000, maxAmount: 12_000 }, true],
  [{ minAmount: 12_001 }, false],
  [{ minConfidence: 0.8 }, true],
  [{ maxConfidence: 0.79 }, false],
  [{ createdFrom: after(-60) }, true],
  [{ createdFrom: after(-59) }, false],
  [{ createdTo: after(-60) }, true],
  [{ createdTo: after(-61) }, false],
  [{ dueFrom: after(0), dueTo: after(60) }, true],
  [{ dueTo: after(59) }, false],
  [{ box: "mine" }, false],
  [{ box: "team" }, true],
];
describe("a row", () => {
  test.each(cases)("against %j fits: %p", (filter, expected) => {
    expect(fits(one, filter)).toBe(expected);
  });
  test("when it is your turn then it lies in your box", () => {
    expect(fits({ ...one, yourTurn: true }, { box: "mine" })).toBe(true);
  });
  test("without an amount or a due date then fits no range of them", () => {
    const bare = { ...one, amount: null, dueAt: null };
    for (const filter of [{ minAmount: 0 }, { maxAmount: 9e9 }, { dueFrom: after(-9e5) }, { dueTo: after(9e5) }])
      expect(fits(bare, filter)).toBe(false);
  });
  test("when only the API can tell then it is not held back", () => {
    expect(fits(one, { q: "paint", run: "r1", somethingNew: "x" })).toBe(true);
  });
});
