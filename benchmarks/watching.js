// What benchmarks/ui.py notes inside the page, from before its first script on. All times are milliseconds.
(() => {
  /** Calls back when the frame that shows the present state has been painted. */
  const painted = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => then(performance.now());
      port1.postMessage(0);
    });
  /** The moment at which `look` is true and painted, looked at whenever the page changes. */
  const when = (look) =>
    new Promise((done) => {
      const see = () => {
        if (!look()) return;
        watcher.disconnect();
        painted(done);
      };
      const watcher = new MutationObserver(see);
      watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      see();
    });

  const notes = { rows: null, ids: [], long: [], changes: {}, wanted: {} };
  when(() => document.querySelector(".ag-row .cs-state")).then((at) => (notes.rows = at));
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) notes.long.push([task.startTime, task.duration]);
  }).observe({ type: "longtask", buffered: true });

  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (kind, hear) {
    const noted = (e) => {
      if (/^(proposal|run)/.test(kind)) notes.ids.push(+e.lastEventId);
      if (kind === "reset") notes.ids.push(-1);
      hear(e);
    };
    add.call(this, kind, noted);
  };

  const row = (id) => document.querySelector(`[row-id='${id}'] .cs-risk .n`);
  const sheet = (id) => document.querySelector(`.cs-sheet[data-proposal='${id}']`);
  /** From the next event of this kind until `look` is true and painted. */
  const answer = (kind, look) =>
    new Promise((done) => {
      const hear = (e) => {
        const seen = look();
        when(() => seen()).then((at) => done(at - e.timeStamp));
      };
      addEventListener(kind, hear, { capture: true, once: true });
    });

  const questions = {
    /** The moment (wall clock) at which the row shows this risk. */
    shows: (id, risk) => when(() => row(id)?.textContent === String(risk)).then((at) => performance.timeOrigin + at),
    /** Milliseconds from the next click to the card's frame and to the whole card. */
    async card(id) {
      const frame = answer("pointerdown", () => () => sheet(id));
      const whole = answer("pointerdown", () => () => sheet(id)?.querySelector("#say"));
      return [await frame, await whole];
    },
    /** Milliseconds from the next key to the grid's cursor on another row. */
    cursor: () =>
      answer("keydown", () => {
        const before = document.querySelector(".ag-row-focus")?.getAttribute("row-id");
        return () => {
          const now = document.querySelector(".ag-row-focus")?.getAttribute("row-id");
          return now && now !== before;
        };
      }),
    /** Milliseconds from the next key to the card's answer: the seal that is being drawn. */
    signing: () => answer("keydown", () => () => document.querySelector(".cs-sheet .cs-seal .draw")),
  };

  let asked = null;
  window.watching = {
    notes,
    /** Begin to look; what was seen is told by `answered`. */
    ask(question, ...about) {
      asked = questions[question](...about);
    },
    answered: () => asked,
    place: () => {
      const viewport = document.querySelector(".ag-grid-viewport, .ag-body-viewport");
      const cursor = document.querySelector(".ag-row-focus")?.getAttribute("row-id");
      const chosen = [...document.querySelectorAll(".ag-row-selected")].map((one) => one.getAttribute("row-id"));
      return JSON.stringify([viewport?.scrollTop, cursor, [...new Set(chosen)].sort()]);
    },
  };
})();
