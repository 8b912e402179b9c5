// Rows, figures, stream and decisions as one tab keeps them; the API, the stream and the clock are the test's own.
import { afterAll, describe, expect, setSystemTime, test } from "bun:test";
import { said, settle, tab } from "./browser.js";
import { WORDS, after, row } from "./tools.js";

const natural = { setTimeout, setInterval, clearTimeout, clearInterval };
afterAll(() => {
  Object.assign(globalThis, natural);
  setSystemTime();
});

const page = (...items) => ({ items, total: items.length });

describe("rows", () => {
  test("when read then the order, the filter and the words go into the address", async () => {
    const one = await tab();
    one.api.on("/proposals?", page(row("p")));
    one.set({ filter: { decision: "pending" }, find: " paint ", sort: "dueAt" });
    const found = await one.rows(100, 50);
    const asked = new URLSearchParams(one.api.requests[0].path.split("?")[1]);
    expect(Object.fromEntries(asked)).toMatchObject({ decision: "pending", q: "paint", sort: "dueAt", offset: "100", limit: "50" }); // prettier-ignore
    expect(found.items.map((item) => item.id)).toEqual(["p"]);
    expect([one.store.rows, one.store.total]).toEqual(["ready", 1]);
  });
  test("when the stream was quicker than the page then the newer row wins", async () => {
    const one = await tab();
    one.tell({ kind: "proposal.changed", proposal: row("p", { execution: "executed", updatedAt: after(1) }) });
    one.api.on("/proposals?", page(row("p"), row("q")));
    const { items } = await one.rows(0, 50);
    expect(items.map((item) => item.execution)).toEqual(["executed", "none"]);
    expect(one.seen.get("p").execution).toBe("executed");
  });
  test("when the page is newer than what was seen then the page wins", async () => {
    const one = await tab();
    one.tell({ kind: "proposal.changed", proposal: row("p", { updatedAt: after(-30) }) });
    one.api.on("/proposals?", page(row("p", { execution: "executed", updatedAt: after(-5) })));
    await one.rows(0, 50);
    expect(one.seen.get("p").execution).toBe("executed");
  });
  test.each([
    [{}, "", "empty"],
    [{ decision: "pending" }, "", "filtered"],
    [{}, "paint", "filtered"],
    [{}, "   ", "empty"],
  ])("when none is left with filter %j and words '%s' then the list is %s", async (filter, find, expected) => {
    const one = await tab();
    one.set({ filter, find });
    one.api.on("/proposals?", page());
    await one.rows(0, 50);
    expect(one.store.rows).toBe(expected);
  });
  test("when the API refuses then its sentence is kept, and what for", async () => {
    const one = await tab();
    one.api.on("/proposals?", { detail: "Not for you.", instance: "req-7" }, 403);
    expect(await one.rows(0, 50)).toBeNull();
    expect([one.store.rows, one.store.problem, one.store.reference]).toEqual(["forbidden", "Not for you.", "req-7"]);
  });
  test("when the API asks to come back in seconds then the rows are asked for again", async () => {
    const one = await tab();
    one.api.on("/proposals?", { detail: "Too many." }, 429, { "Retry-After": "2" });
    const found = one.rows(0, 50);
    await one.clock.pass(1000);
    one.api.on("/proposals?", page(row("p")));
    await one.clock.pass(1000);
    expect((await found).items.map((item) => item.id)).toEqual(["p"]);
    expect(one.api.requests.length).toBe(2);
  });
  test.each([
    ["2", 3],
    ["60", 1],
  ])("when it goes on refusing for %s seconds then it is asked %i times and its sentence kept", async (wait, times) => {
    const one = await tab();
    one.api.on("/proposals?", { detail: "Too many." }, 429, { "Retry-After": wait });
    const found = one.rows(0, 50);
    await one.clock.pass(9000);
    expect([await found, one.store.problem, one.api.requests.length]).toEqual([null, "Too many.", times]);
  });
  test("when there is no connection then broken, in our words", async () => {
    const one = await tab();
    await one.rows(0, 50);
    expect([one.store.rows, one.store.problem]).toEqual(["broken", WORDS.network]);
  });
  test("when the session is over then the rows on the screen stay", async () => {
    const one = await tab();
    one.set({ rows: "ready" });
    one.api.on("/proposals?", { detail: "Sign in." }, 401);
    await one.rows(0, 50);
    expect([one.store.rows, one.store.session]).toEqual(["ready", "ended"]);
  });
});

describe("the figures of the views", () => {
  const counted = async () => {
    const one = await tab();
    one.api.on("/proposals?", { items: [], total: 5 });
    one.choice("pending", { decision: "pending" });
    one.choice("risky", { minRisk: 60 });
    await one.clock.pass(10);
    expect(one.store.counts).toEqual({ pending: 5, risky: 5 });
    return one;
  };
  test("when a proposal is created then those it fits into grow", async () => {
    const one = await counted();
    one.tell({ kind: "proposal.created", proposal: row("p", { risk: { score: 70 } }) });
    expect(one.store.counts).toEqual({ pending: 6, risky: 6 });
    one.tell({ kind: "proposal.created", proposal: row("q", { decision: "approved" }) });
    expect(one.store.counts).toEqual({ pending: 6, risky: 6 });
  });
  test("when a known proposal is decided then it moves out of its view, once", async () => {
    const one = await counted();
    one.tell({ kind: "proposal.created", proposal: row("p") });
    const decided = { kind: "proposal.changed", proposal: row("p", { decision: "approved" }) };
    one.tell(decided);
    one.tell(decided);
    expect(one.store.counts).toEqual({ pending: 5, risky: 5 });
  });
  test("when an unknown proposal changes then nothing is guessed, and it is counted again later", async () => {
    const one = await counted(),
      asked = one.api.requests.length;
    one.tell({ kind: "proposal.changed", proposal: row("x", { decision: "approved" }) });
    expect(one.store.counts.pending).toBe(5);
    one.api.on("/proposals?", { items: [], total: 9 });
    await one.clock.pass(15_000);
    expect(one.api.requests.length).toBe(asked + 2);
    expect(one.store.counts.pending).toBe(9);
  });
});

describe("the stream", () => {
  const live = async (options) => {
    const one = await tab(options);
    one.listen("ada");
    return one;
  };
  const created = (seq, id) => ({ seq, kind: "proposal.created", proposal: row(id) });

  test("when it is opened twice for the same person then there is one", async () => {
    const one = await live();
    one.listen("ada");
    expect([one.streams.length, one.locks.length]).toEqual([1, 1]);
  });
  test("when nobody is signed in then there is none", async () => {
    const one = await tab();
    one.listen("");
    expect(one.streams).toEqual([]);
  });
  test("when this tab leads then the others are told what it hears", async () => {
    const one = await live();
    one.streams[0].say("proposal.changed", { seq: 4, proposal: row("p") });
    expect(one.seen.has("p")).toBe(true);
    expect(one.channels[0].sent).toMatchObject([{ seq: 4, kind: "proposal.changed" }]);
  });
  test("when another tab leads then this one asks nothing and hears it all", async () => {
    const one = await live({ locked: true });
    expect(one.streams).toEqual([]);
    one.channels[0].onmessage({ data: created(4, "p") });
    expect([one.seen.has("p"), one.store.connection]).toEqual([true, "live"]);
    expect(one.channels[0].sent).toEqual([]); // what was heard is not said again
  });
  test("when the leading tab is closed then this one goes on from the last event it heard", async () => {
    const one = await live({ locked: true });
    one.channels[0].onmessage({ data: created(41, "p") });
    one.locks[0].lead();
    expect(one.streams[0].url).toBe("/api/v1/events?lastEventId=41");
  });
  test("when it leads from the beginning then asks for what comes from now on", async () => {
    expect((await live()).streams[0].url).toBe("/api/v1/events");
  });
  test("when nothing changed since it was opened then it resumes from where it was ready", async () => {
    const one = await live();
    one.streams[0].say("ready", { seq: 17 });
    one.api.on("/me", {}, 200);
    one.streams[0].fail(true);
    await one.clock.pass(2_500);
    expect(one.streams[1].url).toBe("/api/v1/events?lastEventId=17");
  });
  test("when the session is over then it does not knock again", async () => {
    const one = await live();
    one.api.on("/me", {}, 401);
    one.streams[0].fail(true);
    await one.clock.pass(10_000);
    expect([one.streams.length, one.store.session]).toEqual([1, "ended"]);
    expect(one.channels[0].sent).toEqual([{ kind: "ended" }]); // the other tabs are told
  });
  test("when another tab says that the session is over then it is here too, and no sign of life", async () => {
    const one = await live({ locked: true });
    one.channels[0].onmessage({ data: { kind: "ended" } });
    expect([one.store.session, one.store.connection]).toEqual(["ended", "catching-up"]);
  });
  test("when the browser itself tries again then no second stream is opened", async () => {
    const one = await live();
    one.streams[0].fail(false);
    await one.clock.pass(10_000);
    expect(one.streams.length).toBe(1);
  });
  test("when it falls silent then the indicator says so in steps, and since when", async () => {
    const one = await live(),
      { store, clock, streams } = one;
    streams[0].say("beat", {});
    const heard = Date.now();
    await clock.pass(7_000);
    expect(store.connection).toBe("live");
    await clock.pass(3_000);
    expect([store.connection, store.since]).toEqual(["catching-up", heard]);
    await clock.pass(12_000);
    expect([store.connection, store.since]).toEqual(["offline", heard]);
    streams[0].say("beat", {});
    expect([store.connection, store.since]).toEqual(["live", null]);
  });
  test("when it breaks then it is catching up at once", async () => {
    const one = await live();
    one.streams[0].say("beat", {});
    one.streams[0].fail(false);
    expect(one.store.connection).toBe("catching-up");
  });
  test("when too much was missed then the rows are read again", async () => {
    const one = await live();
    let read = 0;
    one.view.reload = () => read++;
    one.streams[0].say("reset", { seq: 90 });
    expect(read).toBe(1);
  });
  test("when proposals arrive while somebody reads then they are counted, not pushed in", async () => {
    const one = await live();
    let read = 0;
    Object.assign(one.view, { idle: () => false, reload: () => read++ });
    for (const id of ["p", "q"]) one.streams[0].say("proposal.created", created(1, id));
    await one.clock.pass(2_000);
    expect([one.store.fresh, read]).toEqual([2, 0]);
    one.showNew();
    expect([one.store.fresh, read]).toEqual([0, 1]);
  });
  test("when nobody is reading then the new ones come in by themselves", async () => {
    const one = await live();
    let read = 0;
    Object.assign(one.view, { idle: () => true, reload: () => read++ });
    one.streams[0].say("proposal.created", created(1, "p"));
    await one.clock.pass(700);
    expect([one.store.fresh, read]).toEqual([0, 1]);
  });
  test("when a new proposal does not fit the filter then it is not announced", async () => {
    const one = await live();
    one.set({ filter: { decision: "approved" } });
    one.streams[0].say("proposal.created", created(1, "p"));
    expect(one.store.fresh).toBe(0);
  });
});

describe("a decision", () => {
  const answer = (more = {}) => ({ proposal: row("p", { updatedAt: after(0), ...more }) });
  const approve = { id: "p", kind: "approve", digest: "d1" };

  test("when it is sent then it names the revision and is a write of this page", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer());
    const done = one.decide({ ...approve, kind: "reject", reason: "Paid twice" });
    await one.clock.pass(400);
    await done;
    const [{ body, init }] = one.api.requests;
    expect(body).toEqual({ kind: "reject", digest: "d1", reason: "Paid twice" });
    expect([init.method, init.headers["X-Countersign"]]).toEqual(["POST", "1"]);
  });
  test("while it is under way then the seal shows it and a second one is not sent", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer());
    const done = one.decide(approve);
    expect(one.store.phase).toEqual({ p: "signing" });
    await one.decide({ ...approve, kind: "reject" });
    await one.clock.pass(400);
    await done;
    expect([one.store.phase, one.api.requests.length]).toEqual([{}, 1]);
  });
  test("while offline then nothing is sent", async () => {
    const one = await tab();
    one.set({ connection: "offline" });
    await one.decide(approve);
    expect([one.api.requests, one.store.phase]).toEqual([[], {}]);
  });
  test("when it is approved then the seal is drawn to its end first", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer());
    one.decide(approve);
    await one.clock.pass(300);
    expect(one.store.phase).toEqual({ p: "signing" });
    await one.clock.pass(100);
    expect(one.store.phase).toEqual({});
  });
  test("when the stream was quicker than the answer then the newer standing stays", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer({ decision: "approved", execution: "queued" }));
    const done = one.decide(approve);
    const executed = row("p", { decision: "approved", execution: "executed", updatedAt: after(2) });
    one.tell({ kind: "proposal.changed", proposal: executed });
    await one.clock.pass(400);
    await done;
    expect(one.seen.get("p").execution).toBe("executed");
  });
  test("when its effect is confirmed then the one who gave it is told, once", async () => {
    const one = await tab();
    one.listen("ada");
    one.api.on("/proposals/p/decisions", answer({ decision: "approved", execution: "queued" }));
    const done = one.decide(approve);
    await one.clock.pass(400);
    await done;
    const executed = row("p", { decision: "approved", execution: "executed", updatedAt: after(2) });
    for (let i = 0; i < 2; i++) one.streams[0].say("proposal.changed", { seq: 5 + i, proposal: executed });
    expect(said(one)).toEqual([`${WORDS.toast.executed}Sent a reminder for 1-0001`]);
  });
  test("when somebody else's effect is confirmed then nobody is bothered", async () => {
    const one = await tab();
    one.listen("ada");
    one.streams[0].say("proposal.changed", { seq: 5, proposal: row("p", { execution: "executed" }) });
    expect(one.toasts()).toEqual([]);
  });
  test.each([
    ["stale", 409, "the balance changed", "stale"],
    ["already_decided", 409, "petra was first", "refused"],
    ["something_new", 400, "no", "refused"],
  ])("when refused as %s then it says so for longer and the seal is as before", async (code, status, detail, kind) => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", { code, detail }, status);
    const done = one.decide(approve);
    await one.clock.pass(400);
    await done;
    const title = WORDS.refused[code] ?? WORDS.refused.other;
    expect(said(one)).toEqual([title + detail[0].toUpperCase() + detail.slice(1)]);
    expect(one.toasts()[0].attributes).toMatchObject({ "data-kind": kind, role: "alert" });
    expect(one.store.phase).toEqual({});
  });
  test("when the connection is gone then it says that nothing was recorded", async () => {
    const one = await tab();
    const done = one.decide(approve);
    await one.clock.pass(400);
    await done;
    expect(said(one)).toEqual([WORDS.refused.network + WORDS.network]);
  });
  test("when another card was opened meanwhile then its form stays", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer());
    one.set({ card: "p" });
    const done = one.decide(approve);
    one.set({ card: "q", mode: "reject" });
    await one.clock.pass(400);
    await done;
    expect(one.store.mode).toBe("reject");
  });
  test("when the card is still open then its form closes", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer({ decision: "rejected" }));
    one.set({ card: "p", mode: "reject" });
    const done = one.decide({ ...approve, kind: "reject", reason: "no" });
    await one.clock.pass(1);
    await done;
    expect(one.store.mode).toBe("");
  });
  test("when the last signature is taken back then exactly that revision is", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer({ decision: "approved", execution: "queued" }));
    expect(one.takeBack()).toBeFalsy();
    const done = one.decide(approve);
    await one.clock.pass(400);
    await done;
    one.takeBack();
    await one.clock.pass(400);
    expect(one.api.requests.at(-1).body).toEqual({ kind: "take_back", digest: "d1" });
  });
  test("when it ends in itself then its word is said at once", async () => {
    const one = await tab();
    one.api.on("/proposals/p/decisions", answer({ decision: "rejected" }));
    const done = one.decide({ ...approve, kind: "reject", reason: "no" });
    await one.clock.pass(1);
    await done;
    expect(said(one)[0]).toStartWith(WORDS.said.reject);
  });
});

test("a reader when unsubscribed then hears nothing more", async () => {
  const one = await tab();
  const heard = [];
  const stop = one.hear((change) => heard.push(change.kind));
  one.tell({ kind: "run.changed", run: {} });
  stop();
  one.tell({ kind: "run.changed", run: {} });
  await settle();
  expect(heard).toEqual(["run.changed"]);
});
