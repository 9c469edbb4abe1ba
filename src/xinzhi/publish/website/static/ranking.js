"use strict";
// Search, filters and sorting of the ranking; what is chosen stands in the address.
(() => {
  const FIRST = 200; // rows that are laid out before the page answers, as in site.css
  const BIT = 400;
  const PAUSE = 50; // milliseconds
  const form = document.getElementById("filters");
  const table = document.getElementById("ranking");
  if (!form || !table) {
    document.documentElement.classList.remove("loading");
    return;
  }
  const body = table.tBodies[0];
  const output = form.querySelector("output");
  const last = table.tHead.rows[0].cells.length - 1;
  const tiers = Boolean(form.elements.tier);
  const rows = [...body.rows].map((row, place) => ({
    row, place, texts: [...row.cells].map((cell) => cell.textContent.trim()),
    words: `${row.dataset.unit} ${row.cells[1].textContent} ${row.cells[2].textContent}`.toLowerCase(),
  }));
  let standing = rows; // the order in which the rows are on the page
  const state = new URLSearchParams(location.search);
  form.hidden = false;

  if (tiers) {
    const found = [...new Set(rows.map((r) => r.texts[last]))].filter((t) => t !== "–").sort((a, b) => a - b);
    for (const tier of found) form.elements.tier.append(new Option(tier));
  }
  for (const name of ["q", "area", "tier"]) {
    if (form.elements[name] && state.has(name)) form.elements[name].value = state.get(name);
  }

  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const same = state.get("sort") === String(column);
      const first = head.dataset.sort === "number" && column !== 0 && column !== last ? "down" : "up";
      const other = first === "up" ? "down" : "up";
      state.set("dir", same && state.get("dir") === first ? other : first);
      state.set("sort", String(column));
      show();
    });
  });

  function figure(text) {
    const value = Number(text.replace("−", "-").replace(/,/g, ""));
    return Number.isFinite(value) && text !== "–" ? value : null;
  }

  function sorted() {
    const column = Number(state.get("sort") ?? -1);
    heads.forEach((head, k) => {
      if (!head.dataset.sort) return;
      const on = k === column;
      head.setAttribute("aria-sort", on ? (state.get("dir") === "down" ? "descending" : "ascending") : "none");
    });
    if (!heads[column]?.dataset.sort) return rows;
    const sign = state.get("dir") === "down" ? -1 : 1;
    const number = heads[column].dataset.sort === "number";
    return [...rows].sort((a, b) => {
      const x = number ? figure(a.texts[column]) : a.texts[column];
      const y = number ? figure(b.texts[column]) : b.texts[column];
      if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
      const order = number ? x - y : x.localeCompare(y, document.documentElement.lang);
      return sign * order || a.place - b.place;
    });
  }

  function show() {
    const wanted = Object.fromEntries(["q", "area", "tier"].map((n) => [n, form.elements[n]?.value.trim() ?? ""]));
    let shown = 0;
    const order = sorted();
    for (const each of order) {
      const fits = each.words.includes(wanted.q.toLowerCase())
        && (!wanted.area || each.texts[2] === wanted.area)
        && (!wanted.tier || each.texts[last] === wanted.tier);
      each.row.hidden = !fits;
      shown += fits;
    }
    if (order !== standing) {
      body.append(...order.map((each) => each.row));
      standing = order;
    }
    output.textContent = output.dataset.of.replace("{shown}", shown).replace("{all}", rows.length);
    for (const [name, value] of Object.entries(wanted)) value ? state.set(name, value) : state.delete(name);
    const query = String(state);
    history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
  }

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();

  // The filters answer; the other rows are laid out bit by bit, so that the page stays at hand.
  const later = rows.slice(FIRST).map((each) => each.row);
  for (const row of later) row.classList.add("later");
  document.documentElement.classList.remove("loading");
  function more() {
    for (const row of later.splice(0, BIT)) row.classList.remove("later");
    if (later.length) setTimeout(more, PAUSE);
  }
  setTimeout(more, PAUSE);
})();
