// What look.py asks of a page. One expression: an object of functions.
({
  /** "" once nothing loads and nothing has changed for five frames, else what still does. */
  async rest(patience) {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 0;
    const over = () => document.querySelector(".cs-list .cs-empty, [role=alertdialog]"); // what covers a list that waits
    const waiting = () => [...document.querySelectorAll(".cs-skel, [aria-busy=true]")];
    const busy = () => waiting().filter((e) => seen(e) && !(over() && e.closest(".cs-list")));
    const end = performance.now() + patience;
    let last = "",
      same = 0;
    await document.fonts.ready;
    while (same < 5) {
      await frame();
      const now = busy().length ? "" : document.body.innerText.length + " " + document.querySelectorAll("*").length;
      same = now && now === last ? same + 1 : 0;
      last = now;
      if (performance.now() > end)
        return (
          busy()
            .slice(0, 3)
            .map((e) => e.outerHTML.slice(0, 120))
            .join() || "it still changes"
        );
    }
    return "";
  },

  async barriers() {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    const grave = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
    return grave.map(
      (v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].any[0]?.message ?? ""}`,
    );
  },

  wider() {
    const room = document.documentElement.clientWidth,
      wide = document.documentElement.scrollWidth;
    if (wide <= room) return [];
    const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 0.5);
    return [`${wide} px in ${room}`, ...over.slice(-3).map((e) => e.outerHTML.slice(0, 120))];
  },

  /** Targets that a finger of this size misses. What is around a target may belong to it, so small ones are touched. */
  small(finger) {
    const box = (e) => e.getBoundingClientRect(),
      reach = finger / 2 - 0.5;
    const inText = (e) => {
      const around = e.matches("a") && e.closest("p, li, dd, h1, h2, h3, figcaption");
      return around && around.textContent.trim().length > e.textContent.trim().length;
    };
    const above = document.querySelector("dialog:modal") ?? document;
    const offered = (e) =>
      e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      box(e).width > 1 &&
      box(e).height > 1 &&
      !e.disabled &&
      getComputedStyle(e).pointerEvents !== "none" &&
      !e.closest("[inert]") &&
      !e.matches(".cs-skip") &&
      !inText(e);
    const touched = (e, x, y) => {
      const at = document.elementFromPoint(x, y);
      return !!at && (e.contains(at) || (at.contains(e) && !!at.closest("label, a, button")));
    };
    const missed = (e) => {
      if (box(e).width >= finger - 0.5 && box(e).height >= finger - 0.5) return false;
      e.scrollIntoView({ block: "center", inline: "center" });
      const { x, y, width, height } = box(e);
      const ways = [
        [-reach, 0],
        [reach, 0],
        [0, -reach],
        [0, reach],
      ].map(([dx, dy]) => [x + width / 2 + dx, y + height / 2 + dy]);
      return ways.some(([px, py]) => px >= 0 && px < innerWidth && !touched(e, px, py));
    };
    const kinds = "button, a[href], select, summary, input:not([type=hidden]), [role=tab], [role=switch]";
    return [...above.querySelectorAll(kinds)]
      .filter((e) => offered(e) && missed(e))
      .map((e) => `${Math.round(box(e).width)} x ${Math.round(box(e).height)}: ${e.outerHTML.slice(0, 130)}`);
  },
});
