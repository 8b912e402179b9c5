// Short messages: how long they stay, what keeps them, and that there are never more than three.
import { describe, expect, test } from "bun:test";
import { below } from "./dom.js";
import { ISLAND, said, tab } from "./browser.js";
import { WORDS } from "./tools.js";

const opened = async () => {
  const one = await tab();
  return { ...one, ...(await import(`${ISLAND}toasts.js`)) };
};
const button = (item, words) =>
  below(item).find((one) => one.tag === "button" && (one.attributes["aria-label"] ?? one.textContent) === words);

describe("a message", () => {
  test.each([
    ["executed", 3000, "status"],
    ["refused", 5000, "alert"],
    ["failed", 5000, "alert"],
  ])("of kind %s when shown then stays %i ms and is an %s", async (kind, stays, role) => {
    const one = await opened();
    one.notify({ kind, title: "Title", detail: "Detail" });
    expect(said(one)).toEqual(["TitleDetail"]);
    expect(one.toasts()[0].attributes.role).toBe(role);
    await one.clock.pass(stays - 1);
    expect(one.toasts()).toHaveLength(1);
    await one.clock.pass(1);
    expect(one.toasts()).toEqual([]);
  });
  test("when the pointer rests on it then it waits, and counts anew afterwards", async () => {
    const one = await opened();
    one.notify({ kind: "executed", title: "Title" });
    const [item] = one.toasts();
    item.hovered = true;
    item.happens("pointerenter");
    await one.clock.pass(20_000);
    expect(one.toasts()).toHaveLength(1);
    item.hovered = false;
    item.happens("pointerleave");
    await one.clock.pass(3_100);
    expect(one.toasts()).toEqual([]);
  });
  test("when somebody is needed then it stays until it is closed", async () => {
    const one = await opened();
    one.notify({ kind: "unknown", title: "Title", sticky: true });
    await one.clock.pass(60_000);
    const [item] = one.toasts();
    button(item, WORDS.toasts.close).happens("click");
    expect(one.toasts()).toEqual([]);
  });
  test("when there are more than three then the oldest goes that may go", async () => {
    const one = await opened();
    one.notify({ kind: "unknown", title: "stays", sticky: true });
    for (const title of ["a", "b", "c"]) one.notify({ kind: "executed", title });
    expect(said(one)).toEqual(["stays", "b", "c"]);
  });
  test("when it has an action then that is done once, and the message is gone", async () => {
    const one = await opened(),
      done = [];
    one.notify({ kind: "executed", title: "Title", action: ["Take it back", () => done.push(1)] });
    button(one.toasts()[0], "Take it back").happens("click");
    expect([done, one.toasts()]).toEqual([[1], []]);
  });
  test("when its maker closes it then it is gone", async () => {
    const one = await opened();
    one.notify({ kind: "executed", title: "Title" })();
    expect(one.toasts()).toEqual([]);
  });
});
