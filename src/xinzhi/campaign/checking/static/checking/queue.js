// Up and down move between the rows of a queue; Enter follows the link, as links do.
"use strict";
(() => {
  const links = [...document.querySelectorAll("#queue tbody th a")];
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (!step || typing || event.ctrlKey || event.metaKey || event.altKey || !links.length) return;
    const row = event.target.closest("tr");
    const here = links.findIndex((link) => row && row.contains(link));
    const next = links[Math.min(Math.max(here + step, 0), links.length - 1)];
    event.preventDefault();
    next.focus();
  });
})();
