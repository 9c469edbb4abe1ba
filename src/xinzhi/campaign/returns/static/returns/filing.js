"use strict";
// Each cell saves by itself. What is typed is written to this browser's storage first and taken out of it when the
// server has it, so that neither a lost network nor a lost session loses a keystroke.
{
  const form = document.querySelector("[data-filing]");
  if (form) file(form);

  function file(form) {
    const words = form.dataset;
    const QUIET = 800; // milliseconds without a keystroke before a cell is saved
    const AGAIN = 10000; // milliseconds between two tries
    const LONGEST_LAST = 60000; // bytes that a browser still sends while a page is closed
    const connection = document.querySelector("[data-connection]");
    const fields = new Map();
    const queue = new Map(); // what the server does not have yet, by what it is about
    const place = `${words.queue}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;

    // --- this browser's storage ------------------------------------------------------------------------

    function keep() {
      try {
        if (queue.size) localStorage.setItem(place, JSON.stringify([...queue]));
        else localStorage.removeItem(place);
      } catch {
        // full or forbidden: what is typed is still in the boxes
      }
    }

    function leftBehind() {
      const found = [];
      try {
        for (const name of Object.keys(localStorage)) {
          if (!name.startsWith(`${words.queue}:`) || name === place) continue;
          found.push(...JSON.parse(localStorage.getItem(name)));
          localStorage.removeItem(name);
        }
      } catch {
        // nothing that can be read
      }
      return found;
    }

    // --- sending ---------------------------------------------------------------------------------------

    class SignedOut extends Error {}

    const token = () => form.elements.csrfmiddlewaretoken.value;

    async function post(to, body, keepalive) {
      const text = JSON.stringify(body);
      const response = await fetch(to, {
        method: "POST",
        body: text,
        redirect: "manual",
        keepalive: keepalive && text.length * 3 < LONGEST_LAST,
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      });
      if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
      if (!(response.headers.get("Content-Type") || "").startsWith("application/json")) {
        if (response.status === 403) throw new SignedOut(); // the token belongs to an earlier session
        throw new Error(`status ${response.status}`);
      }
      return [response.status, await response.json()];
    }

    async function renewToken() {
      const response = await fetch(location.href, { redirect: "manual" });
      if (!response.ok) return false;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      const other = fresh.querySelector("[data-filing]");
      if (!other || other.dataset.queue !== words.queue) return false; // somebody else signed in
      const value = other.querySelector("[name=csrfmiddlewaretoken]").value;
      for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = value;
      return true;
    }

    function tell(what) {
      connection.hidden = !what;
      connection.textContent = what;
      if (what !== words.signedOut) return;
      const link = document.createElement("a");
      link.href = words.signInAddress;
      link.target = "_blank";
      link.textContent = words.signIn;
      connection.append(" ", link);
    }

    async function deliver(id, keepalive) {
      const item = queue.get(id);
      if (!item || item.busy) return;
      item.busy = true;
      const sent = JSON.stringify(item.body);
      let outcome;
      try {
        outcome = await post(words[item.to], item.body, keepalive);
      } catch (error) {
        queue.get(id).busy = false;
        const why = error instanceof SignedOut ? words.signedOut : words.offline;
        show(item, why, "offline");
        tell(why);
        return;
      }
      const latest = queue.get(id);
      latest.busy = false;
      tell("");
      const again = JSON.stringify(latest.body) !== sent;
      if (!again) queue.delete(id);
      settled(item, ...outcome, again);
      keep();
      if (again) deliver(id);
    }

    function enqueue(id, to, body) {
      const known = queue.get(id);
      queue.set(id, { to, body, busy: known ? known.busy : false });
      keep();
    }

    function deliverAll(keepalive) {
      for (const id of queue.keys()) deliver(id, keepalive);
    }

    async function tryAgain() {
      if (!queue.size) return;
      try {
        if (connection.textContent.startsWith(words.signedOut) && !(await renewToken())) return;
      } catch {
        return;
      }
      deliverAll();
    }

    // --- what came of it -------------------------------------------------------------------------------

    function settled(item, status, said, again) {
      if (status !== 200) {
        show(item, `${words.refused}: ${said.refusal} ${said.remedy || ""}`, "refused");
        return;
      }
      const field = item.to === "cell" ? fields.get(item.body.key) : null;
      if (field) field.settled(said, item.body, again);
      else show(item, said.refusal_of || words.saved, said.refusal_of ? "refused" : "saved");
      found(said);
    }

    function show(item, what, how) {
      const state = stateOf(item);
      if (!state) return;
      state.textContent = what;
      state.dataset.how = how;
    }

    function stateOf(item) {
      if (item.to === "cell") return fields.get(item.body.key)?.state;
      if (item.to === "statement") return form.querySelector("[data-stated-state]");
      return explanationOf(item.body)?.closest(".finding").querySelector("[data-explain-state]");
    }

    function explanationOf({ rule, key }) {
      return [...form.querySelectorAll("[data-explain]")].find(
        (area) => area.dataset.rule === rule && area.dataset.key === key,
      );
    }

    function found(said) {
      const waiting = [...queue.values()].some((item) => item.to === "explanation");
      for (const [key, html] of Object.entries(said.findings || {})) {
        const place = key ? fields.get(key)?.findings : form.querySelector("[data-findings-general]");
        // An explanation that is being written is not taken from under the hand.
        if (!place || place.contains(document.activeElement) || (waiting && place.querySelector("[data-explain]"))) continue;
        if (place.dataset.html !== html) {
          const states = new Map();
          for (const area of place.querySelectorAll("[data-explain]"))
            states.set(area.name, area.closest(".finding").querySelector("[data-explain-state]").textContent);
          place.innerHTML = place.dataset.html = html;
          for (const area of place.querySelectorAll("[data-explain]"))
            area.closest(".finding").querySelector("[data-explain-state]").textContent = states.get(area.name) || "";
        }
      }
      const recommender = form.querySelector("[data-recommender]");
      if (recommender && "recommender" in said)
        recommender.textContent = said.recommender && `${recommender.dataset.known}: ${said.recommender}`;
    }

    // --- a cell ----------------------------------------------------------------------------------------

    class Field {
      constructor(box) {
        this.inputs = [...box.querySelectorAll("[data-cell]")];
        this.key = this.inputs[0].dataset.cell;
        this.seen = box.querySelector("[data-seen]");
        this.state = box.querySelector("[data-state]");
        this.findings = box.querySelector("[data-findings]");
        this.conflict = box.querySelector("[data-conflict]");
        this.count = box.querySelector("[data-count]");
        for (const input of this.inputs) {
          input.addEventListener("input", () => this.typed());
          input.addEventListener("change", () => this.save());
          input.addEventListener("blur", () => this.timer && this.save());
        }
        this.conflict.addEventListener("change", (event) => this.chosen(event));
      }

      get text() {
        const [first] = this.inputs;
        return first.type === "radio" ? this.inputs.find((one) => one.checked)?.value || "" : first.value;
      }

      set text(text) {
        for (const input of this.inputs) {
          if (input.type === "radio") input.checked = input.value === text;
          else input.value = text;
        }
        this.counted();
      }

      counted() {
        if (!this.count) return;
        this.count.textContent = countCharacters(this.text);
        let all = 0;
        for (const field of fields.values()) if (field.count) all += Number(field.count.textContent);
        document.querySelector("[data-count-all]").textContent = all;
      }

      typed() {
        this.counted();
        this.queued();
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), QUIET);
      }

      queued(more = {}) {
        const body = { key: this.key, text: this.text, seen: Number(this.seen.value), ...more };
        enqueue(`cell:${this.key}`, "cell", body);
        this.state.textContent = words.saving;
        this.state.dataset.how = "saving";
      }

      save(more) {
        clearTimeout(this.timer);
        this.timer = 0;
        this.queued(more);
        deliver(`cell:${this.key}`);
      }

      settled(said, sent, again) {
        if (said.outcome === "saved") {
          this.seen.value = said.revision;
          this.conflict.replaceChildren();
          if (again) queue.get(`cell:${this.key}`).body.seen = said.revision;
          show({ to: "cell", body: sent }, words.saved, "saved");
          return;
        }
        const locked = said.outcome === "locked";
        show({ to: "cell", body: sent }, locked ? words.locked : words.conflict, said.outcome);
        if (!locked) this.ask(said);
      }

      ask(said) {
        const set = document.createElement("fieldset");
        set.className = "conflict";
        set.dataset.text = said.text;
        set.dataset.revision = said.revision;
        const legend = document.createElement("legend");
        legend.textContent = words.conflict;
        const stands = document.createElement("p");
        stands.textContent = `${words.theirs}${said.by ? ` (${said.by})` : ""}: `;
        const text = document.createElement("strong");
        text.textContent = said.text || "–";
        stands.append(text);
        set.append(legend, stands, this.option("mine", words.useMine), this.option("theirs", words.useTheirs));
        const now = document.createElement("input");
        now.type = "hidden";
        now.name = `now:${this.key}`;
        now.value = said.revision;
        set.append(now);
        this.conflict.replaceChildren(set);
      }

      option(value, words) {
        const label = document.createElement("label");
        const radio = document.createElement("input");
        Object.assign(radio, { type: "radio", name: `choice:${this.key}`, value });
        label.append(radio, ` ${words}`);
        return label;
      }

      chosen(event) {
        const set = this.conflict.querySelector("fieldset");
        this.seen.value = set.dataset.revision;
        if (event.target.value === "theirs") {
          this.text = set.dataset.text;
          this.save({ keep: true });
        } else this.save();
      }
    }

    // --- beginning -------------------------------------------------------------------------------------

    for (const box of form.querySelectorAll("[data-box]")) {
      const field = new Field(box);
      fields.set(field.key, field);
    }

    let explaining = 0;
    function explained(area) {
      const { rule, key } = area.dataset;
      const id = `explain:${rule}:${key}`;
      enqueue(id, "explanation", { rule, key, text: area.value });
      show(queue.get(id), words.saving, "saving");
      return id;
    }
    form.addEventListener("input", (event) => {
      if (!event.target.matches("[data-explain]")) return;
      const id = explained(event.target);
      clearTimeout(explaining);
      explaining = setTimeout(() => deliver(id), QUIET);
    });
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-explain]")) deliver(explained(event.target));
      if (event.target.matches("[data-stated]")) {
        enqueue("statement", "statement", { stated: event.target.checked });
        deliver("statement");
      }
    });

    const waited = leftBehind();
    for (const [id, { to, body }] of waited) {
      enqueue(id, to, body);
      const field = to === "cell" ? fields.get(body.key) : null;
      if (field) {
        field.text = body.text;
        field.seen.value = body.seen;
      } else if (to === "explanation" && explanationOf(body)) explanationOf(body).value = body.text;
    }
    if (waited.length) deliverAll();

    addEventListener("online", tryAgain);
    addEventListener("focus", tryAgain);
    addEventListener("offline", () => tell(words.offline));
    addEventListener("pagehide", () => deliverAll(true));
    setInterval(tryAgain, AGAIN);
  }
}
