// The matrix: AG Grid over the infinite row model. Made once; nothing that React does can touch it.
import { createElement as h, Fragment, memo, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import {
  CellStyleModule,
  ColumnApiModule,
  createGrid,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
  themeQuartz,
} from "ag-grid-community";
import { arrive, seek } from "./address.js";
import { All, CELLS, PLAIN } from "./cells.js";
import { columns, lay, layout } from "./columns.js";
import { standing } from "./draw.js";
import { fits } from "./fits.js";
import { Cards } from "./list.js";
import { isSelected, pressed, toggle } from "./select.js";
import { open } from "./sheet.js";
import { hear, NEWEST, rows, seen, set, store, unsee, view } from "./store.js";
import params from "./theme.json";

ModuleRegistry.registerModules([
  CellStyleModule,
  ColumnApiModule,
  InfiniteRowModelModule,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
]);
const LETTERS = /^[a-z/?]$/i,
  FLASH = 1600,
  BLOCK = 100;
const over = ["executed", "rejected", "expired", "withdrawn", "undone"];

const SOONEST = ["due", "party", "record", "playbook", "requester", "team", "change"]; // what is first sorted upwards
const definition = ({ id, title, width, grow, align, sort }) => ({
  colId: id,
  headerName: title,
  width,
  ...(grow && { flex: 1, minWidth: width }),
  sortable: !!sort,
  cellRenderer: CELLS[id] ?? PLAIN(id),
  valueGetter: (p) => p.data, // a value per row, or updateData draws nothing
  ...(align === "end" && { cellClass: "cs-r", headerClass: "cs-r" }),
  resizable: true,
  suppressHeaderMenuButton: true,
  comparator: () => 0,
  sortingOrder: SOONEST.includes(id) ? ["asc", "desc", null] : ["desc", "asc", null],
});
const BOXES = {
  ...definition({ id: "select", title: "", width: 40 }),
  headerComponent: All,
  lockPosition: "left",
  resizable: false,
};
/** The state of all columns for the grid: those of the layout in its order, then the hidden ones. */
function placed(room) {
  const shown = layout(room),
    hidden = store.columns.filter(({ id }) => !shown.some((one) => one.id === id));
  const place = ({ id, width, pinned }) => ({
    colId: id,
    hide: false,
    pinned: pinned ? (document.dir === "rtl" ? "right" : "left") : null,
    ...(width ? { width, flex: null } : usual(id)),
  });
  return [
    place({ id: "select", width: 40, pinned: true }),
    ...shown.map(place),
    ...hidden.map(({ id }) => ({ colId: id, hide: true, pinned: null })),
  ];
}
const usual = (id) => {
  const { width, grow } = store.columns.find((one) => one.id === id);
  return { width, flex: grow ? 1 : null };
};
const sorted = () => {
  const column = store.columns.find((one) => one.sort && one.sort === store.sort.replace("-", ""));
  return column ? [{ colId: column.id, sort: store.sort.startsWith("-") ? "desc" : "asc" }] : [];
};
const sortKey = (api) => {
  const column = api.getColumnState().find((c) => c.sort),
    key = store.columns.find(({ id }) => id === column?.colId)?.sort;
  return key ? (column.sort === "desc" ? "-" : "") + key : NEWEST;
};

function start(host, first) {
  const focused = () => {
    const cell = api.getFocusedCell();
    return cell ? api.getDisplayedRowAtIndex(cell.rowIndex)?.data?.id : undefined;
  };
  const focus = (index) => {
    if (index < 0 || index >= store.total) return;
    api.ensureIndexVisible(index);
    api.setFocusedCell(index, "status");
  };
  const api = createGrid(host, {
    theme: themeQuartz.withParams({ ...params, pinnedColumnBorder: false }),
    columnDefs: [BOXES, ...store.columns.map(definition)],
    rowModelType: "infinite",
    cacheBlockSize: BLOCK,
    maxBlocksInCache: 30,
    infiniteInitialRowCount: 30,
    rowBuffer: 12,
    animateRows: false,
    ensureDomOrder: true,
    suppressNoRowsOverlay: true,
    suppressDragLeaveHidesColumns: true,
    getRowId: (p) => p.data.id,
    defaultColDef: { suppressKeyboardEvent: (p) => LETTERS.test(p.event.key) },
    rowClassRules: {
      "cs-stale": (p) => p.data && standing(p.data) === "stale",
      "cs-done": (p) => p.data && (over.includes(standing(p.data)) || !fits(p.data, store.filter)),
      "cs-signing": (p) => p.data && !!store.phase[p.data.id],
      "cs-selected": (p) => p.data && isSelected(p.data.id),
    },
    datasource: {
      getRows: async (p) => {
        const page = await (p.startRow || !first ? rows(p.startRow, p.endRow - p.startRow) : first);
        first = null;
        const cursor = host.contains(document.activeElement) && focused();
        if (page) p.successCallback(page.items, page.total);
        else p.failCallback();
        // when rows have moved, the cursor stays with its proposal
        if (page && cursor && cursor !== focused()) view.focus(cursor);
      },
    },
    onCellKeyDown: ({ event, data }) => {
      if (data && event.key === "Enter") open(data.id);
      if (!data || event.key !== " ") return;
      event.preventDefault();
      toggle(data.id);
    },
    onSortChanged: () => {
      const sort = sortKey(api);
      if (sort !== store.sort && !arranging) seek({ sort });
    },
    onColumnMoved: (e) => keep(e),
    onColumnResized: (e) => keep(e),
    onColumnPinned: (e) => keep(e),
  });
  let arranging = false,
    pointer = false,
    frame = 0;
  const apply = (state, how) => {
    arranging = true;
    api.applyColumnState({ state, ...how });
    arranging = false;
  };
  /** What the reader did to the columns by hand is their layout from now on. */
  const keep = ({ source, finished }) => {
    if (arranging || finished === false || source === "api" || source === "flex") return;
    const touched = store.layout ?? [];
    const width = ({ colId, width: now, flex }) =>
      !flex && (source === "uiColumnResized" || touched.some((one) => one.id === colId && one.width)) ? now : null;
    const shown = api.getColumnState().filter((one) => !one.hide && known(one.colId));
    lay(
      shown.map((one) => ({ id: one.colId, width: width(one), pinned: !!one.pinned })),
      true,
    );
  };
  const known = (id) => store.columns.some((one) => one.id === id);
  const arrange = () => apply(placed(host.clientWidth), { applyOrder: true });
  arrange();
  apply(sorted(), {});
  host.setAttribute("data-ready", "");
  /** A changed row flashes by its own class: one through the grid would draw all its cells once more at the end. */
  const mark = (id) => {
    for (const row of host.querySelectorAll(`[row-id="${id}"]`)) {
      row.classList.add("cs-flash");
      setTimeout(() => row.classList.remove("cs-flash"), FLASH);
    }
  };
  const todo = new Map();
  const drain = () => {
    frame = 0;
    for (const [id, flash] of todo) {
      const node = api.getRowNode(id);
      if (!node?.data) continue;
      node.updateData({ ...(seen.get(id) ?? node.data) });
      if (flash) mark(id);
    }
    todo.clear();
  };
  const later = (id, flash) => {
    todo.set(id, flash || todo.get(id));
    frame ||= requestAnimationFrame(drain);
  }; // the last value wins, one pass a frame
  const stop = hear((change) => {
    if (change.proposal) later(change.proposal.id, true);
    else if (change.kind === "phase") later(change.id, false);
    else if (change.kind === "look") for (const { data } of api.getRenderedNodes()) if (data) later(data.id, false);
  });
  Object.assign(view, {
    index: (id) => api.getRowNode(id)?.rowIndex ?? -1,
    at: (index) => (index < 0 || index >= store.total ? null : (api.getDisplayedRowAtIndex(index)?.data?.id ?? null)),
    cursor: focused,
    focus: (id) => {
      const node = api.getRowNode(id);
      if (node) focus(node.rowIndex);
    },
    move: (step) => focus((api.getFocusedCell()?.rowIndex ?? (step > 0 ? -1 : 1)) + step),
    idle: () =>
      !pointer &&
      host.querySelector(".ag-grid-viewport").scrollTop === 0 &&
      !document.querySelector(".cs-sheet"),
    arrange,
    reload: (anew) => {
      if (!anew) return api.refreshInfiniteCache();
      apply(sorted(), { defaultState: { sort: null } });
      api.purgeInfiniteCache();
      api.ensureIndexVisible(0, "top");
    },
  });
  // the grid's own event comes later, when what was pressed may have been drawn anew
  host.onclick = (e) => {
    const id = e.target.closest("[row-id]")?.getAttribute("row-id");
    if (seen.has(id) && !pressed(e, id)) open(id);
  };
  host.onpointerenter = () => {
    pointer = true;
  };
  host.onpointerleave = () => {
    pointer = false;
  };
  const width = new ResizeObserver(() => store.layout || arrange()),
    minute = setInterval(() => api.refreshCells({ columns: ["due"], force: true }), 30e3);
  width.observe(host);
  return () => {
    stop();
    cancelAnimationFrame(frame);
    clearInterval(minute);
    width.disconnect();
    unsee();
    api.destroy();
  };
}
const Grid = () => {
  const host = useRef(null);
  useEffect(() => {
    let stop = null,
      left = false;
    const begin = async () => {
      await arrive();
      const first = rows(0, BLOCK);
      if (!(await columns())) {
        await first; // its answer must not cover this one
        if (left) return;
        view.reload = begin;
        set({ rows: "broken" });
        return;
      }
      if (!left) stop = start(host.current, first);
    };
    begin();
    return () => {
      left = true;
      (stop ?? unsee)();
    };
  }, []);
  return h("div", { ref: host, className: "cs-matrix", id: "matrix" });
};

/** Follows the address when somebody else has changed it: a link, Back, the palette. */
function Follow() {
  const { key } = useLocation(), // not `search`: the router does not know what was written into the address since
    began = useRef(false);
  useEffect(() => {
    if (began.current) arrive().then((other) => other && view.reload(true));
    began.current = true;
  }, [key]);
  return null;
}

/** The grid, or below 768 px the list of cards. */
export const Rows = memo(
  function Rows() {
    const narrow = () => matchMedia("(max-width: 767px)").matches,
      [list, setList] = useState(null);
    useEffect(() => {
      const see = () => setList(narrow());
      see();
      addEventListener("resize", see);
      return () => removeEventListener("resize", see);
    }, []);
    return list === null ? null : h(Fragment, null, h(Follow), list ? h(Cards) : h(Grid));
  },
  () => true,
);
