"use strict";
// Pictures are checked before they are sent; files go piece by piece and are resumed where they broke off.
for (const form of document.querySelectorAll("[data-upload]")) {
  const words = form.dataset;
  const state = form.querySelector("[data-upload-state]");
  const bar = form.querySelector("[data-progress]");
  const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
  const AGAIN = 3000; // milliseconds until the next try
  let warned = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    const doubt = await doubtAbout(file);
    if (doubt && (doubt.final || warned !== file)) {
      warned = doubt.final ? null : file;
      state.textContent = doubt.said;
      return;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await send(file);
    } catch (refusal) {
      state.textContent = refusal.message;
      button.disabled = false;
    }
  });

  async function doubtAbout(file) {
    if (file.size > Number(words.most) * 1e6) return { said: words.tooLarge, final: true };
    if (!words.leastBytes) return null;
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      // A browser opens no TIFF; the server looks at it all the same.
      return /\.tiff?$/i.test(file.name) ? null : { said: words.notPicture, final: true };
    }
    const pixels = picture.width * picture.height;
    picture.close();
    if (file.size < Number(words.leastBytes)) return { said: words.small };
    if (pixels < Number(words.leastPixels)) return { said: words.coarse };
    return null;
  }

  async function send(file) {
    const about = new FormData();
    about.set("sort", form.elements.sort.value);
    about.set("name", file.name);
    about.set("size", file.size);
    about.set("fingerprint", `${file.name} ${file.size} ${file.lastModified}`);
    bar.hidden = false;
    let at = await asked(words.upload, { body: about });
    while (!at.attached) {
      bar.value = (100 * at.received) / file.size;
      const piece = file.slice(at.received, at.received + at.piece);
      state.textContent = at.received + piece.size >= file.size ? words.looking : `${Math.floor(bar.value)}%`;
      at = await asked(at.to, { body: piece, headers: { "Upload-Offset": String(at.received) } }, at);
    }
    bar.value = 100;
    state.textContent = `${words.done}: ${at.name}`;
    location.hash = "files";
    location.reload();
  }

  // Ask until there is an answer: a network that fails costs time and the piece that was under way.
  async function asked(to, request, before) {
    const headers = { ...request.headers, "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    for (;;) {
      let response;
      try {
        response = await fetch(to, { method: "POST", redirect: "manual", ...request, headers });
      } catch {
        state.textContent = words.broken;
        await pause(AGAIN);
        if (!before) continue;
        try {
          return await (await fetch(to)).json();
        } catch {
          continue;
        }
      }
      const json = (response.headers.get("Content-Type") || "").startsWith("application/json");
      if (!json) throw new Error(words.broken);
      const said = await response.json();
      if (response.ok || (response.status === 409 && "received" in said)) return said;
      throw new Error(`${said.where || ""} ${said.refusal} ${said.remedy || ""}`.trim() || words.broken);
    }
  }
}
