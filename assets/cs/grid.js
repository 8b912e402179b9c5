// The matrix: AG Grid over the infinite row model. Made once; nothing that React does can touch it.
import { createElement as h, memo, useEffect, useRef, useState } from "react";
import { CellStyleModule, ColumnApiModule, createGrid, InfiniteRowModelModule, ModuleRegistry, RenderApiModule, RowApiModule, RowStyleModule, ScrollApiModule, themeQuartz } from "ag-grid-community";
import { standing, W } from "./draw.js";
import { CELLS } from "./cells.js";
import { Cards } from "./list.js";
import { open } from "./sheet.js";
import { hear, rows, seek, seen, store, unsee, view } from "./store.js";
import params from "./theme.json";

ModuleRegistry.registerModules([CellStyleModule, ColumnApiModule, InfiniteRowModelModule, RenderApiModule, RowApiModule, RowStyleModule, ScrollApiModule]);
const LETTERS = /^[a-z/?]$/i, FLASH = 1600;
const over = ["executed", "rejected", "expired", "withdrawn", "undone"];
const flashes = new Set();

const columns = (wide) => W.columns.map(({ from = 0, sort, end, ...column }) => ({
  ...column, hide: wide < from, sortable: !!sort, cellRenderer: CELLS[column.colId], valueGetter: (p) => p.data,   // a value per row, or updateData draws nothing
  ...(end && { cellClass: "cs-r", headerClass: "cs-r" }), resizable: true, suppressHeaderMenuButton: true,
  comparator: () => 0, sortingOrder: column.colId === "due" ? ["asc", null] : ["desc", "asc", null],
}));
const sortKey = (api) => {
  const column = api.getColumnState().find((c) => c.sort), key = W.columns.find((c) => c.colId === column?.colId)?.sort;
  return key ? (column.sort === "desc" ? "-" : "") + key : "-createdAt";
};

function start(host) {
  const focused = () => { const cell = api.getFocusedCell(); return cell ? api.getDisplayedRowAtIndex(cell.rowIndex)?.data?.id : undefined; };
  const focus = (index) => { if (index < 0 || index >= store.total) return; api.ensureIndexVisible(index); api.setFocusedCell(index, "status"); };
  const api = createGrid(host, {
    theme: themeQuartz.withParams({ ...params, pinnedColumnBorder: false }), columnDefs: columns(host.clientWidth), rowModelType: "infinite",
    cacheBlockSize: 100, maxBlocksInCache: 30, infiniteInitialRowCount: 30, rowBuffer: 12, animateRows: false, ensureDomOrder: true,
    suppressNoRowsOverlay: true, suppressDragLeaveHidesColumns: true, getRowId: (p) => p.data.id,
    defaultColDef: { suppressKeyboardEvent: (p) => LETTERS.test(p.event.key) },
    rowClassRules: {
      "cs-stale": (p) => p.data && standing(p.data) === "stale", "cs-done": (p) => p.data && over.includes(standing(p.data)),
      "cs-signing": (p) => p.data && !!store.phase[p.data.id], "cs-flash": (p) => p.data && flashes.has(p.data.id),
    },
    datasource: { getRows: async (p) => {
      const page = await rows(p.startRow, p.endRow - p.startRow);
      const cursor = host.contains(document.activeElement) && focused();
      if (page) p.successCallback(page.items, page.total); else p.failCallback();
      if (page && cursor && cursor !== focused()) view.focus(cursor);   // rows have moved: the cursor stays with its proposal
    } },
    onRowClicked: (e) => e.data && open(e.data.id),
    onCellKeyDown: (e) => e.event.key === "Enter" && e.data && open(e.data.id),
    onSortChanged: () => { const sort = sortKey(api); if (sort !== store.sort && !sorting) seek({ sort }); },
  });
  host.setAttribute("data-ready", "");
  let sorting = false, pointer = false, frame = 0;
  const todo = new Map();
  const drain = () => {
    frame = 0;
    for (const [id, flash] of todo) {
      const node = api.getRowNode(id);
      if (!node?.data) continue;
      if (flash) { flashes.add(id); setTimeout(() => { flashes.delete(id); if (!api.isDestroyed()) later(id, false); }, FLASH); }
      node.updateData({ ...(seen.get(id) ?? node.data) });
    }
    todo.clear();
  };
  const later = (id, flash) => { todo.set(id, flash || todo.get(id)); frame ||= requestAnimationFrame(drain); };   // the last value wins, one pass a frame
  const stop = hear((change) => change.proposal ? later(change.proposal.id, true) : change.kind === "phase" && later(change.id, false));
  Object.assign(view, {
    index: (id) => api.getRowNode(id)?.rowIndex ?? -1,
    at: (index) => (index < 0 || index >= store.total ? null : api.getDisplayedRowAtIndex(index)?.data?.id ?? null),
    cursor: focused,
    focus: (id) => { const node = api.getRowNode(id); if (node) focus(node.rowIndex); },
    move: (step) => focus((api.getFocusedCell()?.rowIndex ?? (step > 0 ? -1 : 1)) + step),
    idle: () => !pointer && host.querySelector(".ag-grid-viewport, .ag-body-viewport")?.scrollTop === 0 && !document.querySelector(".cs-sheet"),
    reload: (anew) => {
      if (!anew) return api.refreshInfiniteCache();
      sorting = true;
      const column = W.columns.find((c) => c.sort && store.sort.endsWith(c.sort));
      api.applyColumnState({ state: column ? [{ colId: column.colId, sort: store.sort.startsWith("-") ? "desc" : "asc" }] : [], defaultState: { sort: null } });
      sorting = false;
      api.purgeInfiniteCache();
      api.ensureIndexVisible(0, "top");
    },
  });
  host.onpointerenter = () => { pointer = true; };
  host.onpointerleave = () => { pointer = false; };
  const fit = () => { for (const { colId, from = 0 } of W.columns) api.setColumnsVisible([colId], host.clientWidth >= from); };
  const width = new ResizeObserver(fit), minute = setInterval(() => api.refreshCells({ columns: ["due"], force: true }), 30e3);
  width.observe(host);
  return () => { stop(); cancelAnimationFrame(frame); clearInterval(minute); width.disconnect(); unsee(); api.destroy(); };
}
const Grid = () => { const host = useRef(null); useEffect(() => start(host.current), []); return h("div", { ref: host, className: "cs-matrix", id: "matrix" }); };

/** The grid, or below 768 px the list of cards; `children` is the list's "show more". */
export const Rows = memo(function Rows({ more }) {
  const narrow = () => matchMedia("(max-width: 767px)").matches, [list, setList] = useState(null);
  useEffect(() => {
    const see = () => setList(narrow());
    see(); addEventListener("resize", see);
    return () => removeEventListener("resize", see);
  }, []);
  return list === null ? null : list ? h(Cards, { more }) : h(Grid);
}, () => true);
