"use strict";
// A number that leads to its explanation shows it in a dialog; without this script it is a link to the portrait.
(() => {
  const dialog = document.getElementById("explain");
  if (!dialog || !dialog.showModal || location.protocol === "file:") return;

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  async function explain(link) {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById(decodeURIComponent(new URL(link.href).hash.slice(1)));
    if (!found) throw new Error("missing");
    const details = document.importNode(found.closest("details"), true);
    details.open = true;
    const whole = document.createElement("a");
    whole.href = link.href;
    whole.textContent = dialog.dataset.whole;
    const title = document.createElement("h2");
    title.textContent = page.querySelector("h1").textContent;
    const list = document.createElement("ul");
    list.className = "tree explanation";
    const item = document.createElement("li");
    item.append(details);
    list.append(item);
    dialog.replaceChildren(title, list, whole, " ", button(dialog.dataset.close, () => dialog.close()));
    for (const inner of dialog.querySelectorAll("[id]")) inner.removeAttribute("id");
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href*="#x-"]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (dialog.contains(link)) return;
    event.preventDefault();
    explain(link).catch(() => { location.href = link.href; });
  });
})();
