"use strict";
// Weights of the parts moved by the reader; scores and ranks are computed again as the index does it.
(() => {
  const section = document.getElementById("weights");
  if (!section) return;
  const moved = document.getElementById("moved");
  const body = document.getElementById("recomputed").tBodies[0];
  const form = section.querySelector("form");
  const sliders = [...form.querySelectorAll('input[type="range"]')];
  const outputs = [...form.querySelectorAll("output")];
  let data = null;
  let untouched = true;

  // Equal scores share the better rank, as in the published ranking; figures within 1e-9 are equal.
  function ranks(scores) {
    const order = scores.map((s, n) => n).filter((n) => scores[n] !== null).sort((a, b) => scores[b] - scores[a]);
    const found = scores.map(() => null);
    order.forEach((n, k) => {
      const tie = k > 0 && Math.abs(scores[order[k - 1]] - scores[n]) < 1e-9;
      found[n] = tie ? found[order[k - 1]] : k + 1;
    });
    return found;
  }

  function show() {
    const raw = untouched ? data.weights : sliders.map((slider) => Number(slider.value));
    const sum = raw.reduce((a, b) => a + b, 0);
    outputs.forEach((output, k) => { output.textContent = sum ? `${((100 * raw[k]) / sum).toFixed(1)}%` : "–"; });
    const query = untouched ? "" : `?w=${raw.join(",")}`;
    history.replaceState(null, "", query || location.pathname);
    if (!sum) { moved.textContent = moved.dataset.nothing; return; }
    const columns = data.parts.map((part) => data.scores[data.nodes.indexOf(part)]);
    const scores = data.codes.map((code, n) => {
      let total = 0;
      for (let k = 0; k < columns.length; k += 1) {
        if (columns[k][n] === null) { if (raw[k]) return null; } else total += raw[k] * columns[k][n];
      }
      return total / sum;
    });
    const now = ranks(scores);
    const before = data.ranks[0];
    const changes = now.map((rank, n) => (rank === null || before[n] === null ? null : before[n] - rank));
    const known = changes.filter((change) => change !== null);
    const count = known.filter((change) => change).length;
    moved.textContent = count
      ? moved.dataset.some.replace("{count}", count)
        .replace("{mean}", (known.reduce((a, b) => a + Math.abs(b), 0) / known.length).toFixed(1))
        .replace("{most}", Math.max(...known.map(Math.abs)))
      : moved.dataset.none;
    const order = now.map((rank, n) => n).filter((n) => now[n] !== null).sort((a, b) => now[a] - now[b] || a - b);
    body.replaceChildren(...order.map((n) => {
      const row = document.createElement("tr");
      const link = document.createElement("a");
      link.href = `units/${data.codes[n]}.html`;
      link.textContent = data.names[n];
      const change = changes[n];
      const told = change ? `${change > 0 ? "▲" : "▼"} ${Math.abs(change)}` : "0";
      const texts = [String(now[n]), link, scores[n].toFixed(data.decimals), String(before[n] ?? "–"), told];
      texts.forEach((text, k) => {
        const cell = row.insertCell();
        cell.append(text);
        if (k !== 1) cell.className = "r";
        if (k === 4 && change) cell.classList.add(change > 0 ? "up" : "down");
      });
      return row;
    }));
  }

  form.addEventListener("input", () => { untouched = false; show(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => { untouched = true; setTimeout(show); });

  fetch("data.json").then((response) => response.json()).then((found) => {
    data = found;
    const told = new URLSearchParams(location.search).get("w")?.split(",").map(Number);
    if (told?.length === sliders.length && told.every((w) => w >= 0 && w <= 100)) {
      sliders.forEach((slider, k) => { slider.value = told[k]; });
      untouched = false;
    }
    section.hidden = false;
    show();
  });
})();
