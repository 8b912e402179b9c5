// What the list adds up to: asked for when it has come to rest.
import { expect, test } from "bun:test";
import { ISLAND, tab } from "./browser.js";

const at = async () => {
  const one = await tab();
  globalThis.location = { search: "", pathname: "/proposals", hash: "" };
  globalThis.history = { state: null, replaceState() {} };
  one.api.on("/proposals/summary", { count: 3 });
  return { ...one, ...(await import(`${ISLAND}address.js`)) };
};

test("the sum when the list is at rest then is asked for once, without the order", async () => {
  const one = await at();
  one.seek({ find: "a" });
  one.seek({ find: "ab", sort: "risk" });
  await one.clock.pass(500);
  const asked = one.api.requests.filter(({ path }) => path.startsWith("/proposals/summary"));
  expect(asked.map(({ path }) => path)).toEqual(["/proposals/summary?q=ab"]);
  expect(one.store.summary).toEqual({ count: 3 });
});
test("the sum when another list is wanted by now then the late answer is dropped", async () => {
  const one = await at();
  let answer;
  one.api.on("/proposals/summary?q=a", () => new Promise((done) => (answer = done)));
  one.seek({ find: "a" });
  await one.clock.pass(500);
  one.set({ find: "b" });
  answer({ count: 99 });
  await one.clock.pass(1);
  expect(one.store.summary).toBeNull();
});
