"use strict";
// Two to five units beside each other; which ones stands in the address.
(() => {
  const form = document.getElementById("compare");
  const place = document.getElementById("compared");
  if (!form) return;
  const output = form.querySelector("output");
  const words = output.dataset;
  const MOST = 5;
  let data = null;
  let chosen = (new URLSearchParams(location.search).get("units") ?? "").split(",").filter(Boolean).slice(0, MOST);

  function cell(kind, text, side) {
    const made = document.createElement(kind);
    made.textContent = text;
    if (side) made.className = side;
    return made;
  }

  function figure(value, decimals) {
    return value === null ? "–" : value.toFixed(decimals).replace("-", "−");
  }

  function show() {
    const units = chosen.map((code) => data.codes.indexOf(code)).filter((n) => n >= 0);
    const query = units.map((n) => data.codes[n]).join(",");
    history.replaceState(null, "", query ? `?units=${query}` : location.pathname);
    output.textContent = units.length < 2 ? words.few : "";
    if (!units.length) return place.replaceChildren();
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const first = cell("th", words.item);
    first.scope = "col";
    head.append(first);
    for (const n of units) {
      const top = document.createElement("th");
      top.scope = "col";
      top.className = "r";
      const link = document.createElement("a");
      link.href = `units/${data.codes[n]}.html`;
      link.textContent = data.names[n];
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = words.remove;
      remove.setAttribute("aria-label", `${words.remove} ${data.names[n]}`);
      remove.addEventListener("click", () => { chosen = chosen.filter((code) => code !== data.codes[n]); show(); });
      top.append(link, document.createElement("br"), remove);
      head.append(top);
    }
    const body = table.createTBody();
    data.nodes.forEach((node, k) => {
      const row = body.insertRow();
      const title = cell("th", data.titles[k]);
      title.scope = "row";
      row.append(title);
      for (const n of units) {
        const rank = data.ranks[k][n];
        row.append(cell("td", figure(data.scores[k][n], data.decimals) + (rank === null ? "" : ` (${rank})`), "r"));
      }
    });
    place.replaceChildren(table);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.elements.unit.value.trim();
    const n = data.names.indexOf(text) >= 0 ? data.names.indexOf(text) : data.codes.indexOf(text);
    if (n < 0) output.textContent = words.unknown;
    else if (chosen.length >= MOST && !chosen.includes(data.codes[n])) output.textContent = words.most;
    else {
      if (!chosen.includes(data.codes[n])) chosen.push(data.codes[n]);
      form.elements.unit.value = "";
      show();
    }
  });

  fetch("data.json").then((response) => response.json()).then((found) => {
    data = found;
    const list = document.getElementById("units");
    data.names.forEach((name) => { const option = document.createElement("option"); option.value = name; list.append(option); });
    form.hidden = false;
    show();
  });
})();
