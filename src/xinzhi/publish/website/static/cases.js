"use strict";
// Search and filters of the case library; what is chosen stands in the address.
(() => {
  const form = document.getElementById("filters");
  const items = [...document.querySelectorAll("#cases > li")];
  if (!form) return;
  const output = form.querySelector("output");
  const state = new URLSearchParams(location.search);
  form.hidden = false;
  for (const name of ["q", "field", "place"]) if (state.has(name)) form.elements[name].value = state.get(name);

  function show() {
    const [q, field, place] = ["q", "field", "place"].map((name) => form.elements[name].value.trim());
    let shown = 0;
    for (const item of items) {
      const fits = item.textContent.toLowerCase().includes(q.toLowerCase())
        && (!field || item.dataset.field === field) && (!place || item.dataset.place === place);
      item.hidden = !fits;
      shown += fits;
    }
    output.textContent = output.dataset.of.replace("{shown}", shown).replace("{all}", items.length);
    for (const [name, value] of Object.entries({ q, field, place })) value ? state.set(name, value) : state.delete(name);
    const query = String(state);
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  }

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
