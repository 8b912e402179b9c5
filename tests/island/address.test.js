// What the list shows and what the address says are the same, in both directions.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

const VIEW = {
  id: "v1",
  filter: { decision: ["pending"], minRisk: 60, run: null, currency: [] },
  sort: "-risk",
  columns: [{ id: "status", width: 200, pinned: true }],
};
const place = { pathname: "/proposals", hash: "", search: "" };
const names = ["location", "history", "fetch", "document", "localStorage", "setTimeout", "clearTimeout"];
const before = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
const asked = [];
const reply = (path) => {
  if (path.includes("/views")) return { items: [VIEW], teams: [] };
  return path.includes("/columns") ? { items: [{ id: "status" }, { id: "risk" }] } : { count: 1, sums: [] };
};
let store, set, address;

beforeAll(async () => {
  Object.assign(globalThis, {
    location: place,
    history: { state: null, replaceState: (_state, _title, url) => (place.search = url.match(/\?.*|$/)[0]) },
    document: { getElementById: () => null },
    setTimeout: () => 0, // the sums are another matter
    clearTimeout() {},
    localStorage: { getItem: () => null, setItem() {}, removeItem() {} },
    fetch: async (url) => {
      asked.push(url);
      return { ok: true, status: 200, json: async () => reply(url) };
    },
  });
  ({ store, set } = await import("../../assets/cs/store.js"));
  address = await import("../../assets/cs/address.js");
  const { columns } = await import("../../assets/cs/columns.js");
  await columns();
});
afterAll(() => {
  address.seek(NOTHING);
  Object.assign(globalThis, before);
});

const NOTHING = { filter: {}, find: "", sort: "-createdAt", view: "" };
beforeEach(() => {
  address.seek(NOTHING);
  asked.length = 0;
});
/** Another page load with this address. */
const arrive = (search) => {
  place.search = search;
  return address.arrive();
};

describe("the address", () => {
  test("when nothing is asked for then is bare", () => {
    expect(place.search).toBe("");
  });
  test("when the list is narrowed, searched and ordered then says all of it, and is read back the same", async () => {
    address.seek({ filter: { decision: ["pending", "-stale"], minRisk: "60" }, find: " late payer ", sort: "-risk" });
    const said = place.search;
    expect(said).toBe("?decision=pending&decision=-stale&minRisk=60&q=late+payer&sort=-risk");
    address.seek(NOTHING);
    expect(await arrive(said)).toBe(true);
    expect(store.filter).toEqual({ decision: ["pending", "-stale"], minRisk: "60" });
    expect([store.find, store.sort, store.rows]).toEqual(["late payer", "-risk", "loading"]);
  });
  test("when it is what is shown already then nothing is read again", async () => {
    address.seek({ filter: { box: "mine" } });
    expect(await address.arrive()).toBe(false);
  });
  test("when it is asked of in a body then numbers are numbers", () => {
    address.seek({ filter: { minRisk: "60", decision: ["pending"] }, find: "late" });
    expect(address.wanted()).toEqual({ minRisk: 60, decision: ["pending"], q: "late" });
  });
});

describe("a saved view", () => {
  test("when its address is opened then filter, order and columns are the view's, and nothing else is said", async () => {
    await arrive("?view=v1");
    expect(store.filter).toEqual({ decision: ["pending"], minRisk: 60 });
    expect([store.sort, store.view]).toEqual(["-risk", "v1"]);
    expect(store.layout).toEqual(VIEW.columns);
    address.seek({});
    expect(place.search).toBe("?view=v1");
  });
  test("when it was narrowed further then a reload keeps that, with the view's columns", async () => {
    await arrive("?view=v1");
    address.seek({ filter: { decision: ["pending"] } });
    const said = place.search;
    expect(said).toBe("?decision=pending&sort=-risk&view=v1");
    address.seek(NOTHING);
    set({ layout: null });
    await arrive(said);
    expect([store.filter, store.sort, store.view]).toEqual([{ decision: ["pending"] }, "-risk", "v1"]);
    expect(store.layout).toEqual(VIEW.columns);
  });
  test("when all of it was cleared then a reload does not bring it back", async () => {
    await arrive("?view=v1");
    address.seek({ filter: {}, sort: "-createdAt" });
    const said = place.search;
    address.seek(NOTHING);
    await arrive(said);
    expect([store.filter, store.sort, store.view]).toEqual([{}, "-createdAt", "v1"]);
  });
  test("when nobody has it any more then the list is the whole one", async () => {
    await arrive("?view=gone");
    expect([store.filter, store.view]).toEqual([{}, ""]);
  });
});
