// What is selected, as presses and keys change it.
import { afterAll, describe, expect, setSystemTime, test } from "bun:test";
import { ISLAND, tab } from "./browser.js";
import { row } from "./tools.js";

const natural = { setTimeout, setInterval, clearTimeout, clearInterval };
afterAll(() => {
  Object.assign(globalThis, natural);
  setSystemTime();
});

/** A tab whose list has these rows and more that are not loaded. */
async function list(ids = ["a", "b", "c", "d"], total = 9) {
  const one = await tab();
  for (const id of ids) one.seen.set(id, row(id));
  one.seen.set("elsewhere", row("elsewhere"));
  Object.assign(one.view, { index: (id) => ids.indexOf(id), at: (n) => ids[n] ?? null });
  one.set({ total });
  const chosen = () => Object.keys(one.store.selected).sort().join("");
  return { ...one, ...(await import(`${ISLAND}select.js`)), chosen };
}

describe("selection", () => {
  test("when a row is pressed twice then it is out again", async () => {
    const one = await list();
    one.toggle("b");
    expect([one.chosen(), one.isSelected("b"), one.isSelected("a")]).toEqual(["b", true, false]);
    one.toggle("b");
    expect(one.chosen()).toBe("");
  });
  test.each([
    ["b", "d", "bcd"],
    ["d", "b", "bcd"],
    ["c", "c", "c"],
  ])("when a range goes from %s to %s then all between are in", async (from, to, expected) => {
    const one = await list();
    one.toggle(from);
    one.rangeTo(to);
    expect(one.chosen()).toBe(expected);
  });
  test("when a range has no beginning then it is its end alone", async () => {
    const one = await list();
    one.rangeTo("c");
    expect(one.chosen()).toBe("c");
  });
  test("when all are selected then those not loaded count too, and one out leaves the loaded others", async () => {
    const one = await list();
    one.all();
    expect([one.count(one.store), one.isSelected("anything")]).toEqual([9, true]);
    one.toggle("b");
    expect([one.store.whole, one.chosen()]).toEqual([false, "acd"]);
  });
  test("when nothing matches then all is nothing", async () => {
    const one = await list([], 0);
    one.all();
    expect(one.store.whole).toBe(false);
  });
  test("when cleared then the next range begins anew and the rows are drawn again", async () => {
    const one = await list(),
      heard = [];
    one.hear(({ kind }) => heard.push(kind));
    one.toggle("a");
    one.clear();
    one.rangeTo("c");
    expect([one.chosen(), heard]).toEqual(["c", ["look", "look", "look"]]);
    one.clear();
    one.clear();
    expect(heard.length).toBe(4);
  });
});
