// Passkeys: the browser makes or uses one, and the form carries its answer. Without a script there are none, and the
// password stays. Bytes travel as base64url, which older browsers leave to us.
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function asked(options) {
  const told = { ...options.publicKey, challenge: bytesOf(options.publicKey.challenge) };
  if (told.user) told.user = { ...told.user, id: bytesOf(told.user.id) };
  if (told.authenticatorSelection) {
    // Kept by the device with the name of the account, so that none has to be typed.
    Object.assign(told.authenticatorSelection, { residentKey: "required", requireResidentKey: true });
  }
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    told[list] = (told[list] ?? []).map((known) => ({ ...known, id: bytesOf(known.id) }));
  }
  return told;
}

function answered(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = textOf(credential.response[part]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).request_options;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-failed]");
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const publicKey = asked(await optionsOf(form));
      const make = form.dataset.passkey === "make";
      const credential = await navigator.credentials[make ? "create" : "get"]({ publicKey });
      form.elements.credential.value = answered(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
for (const without of document.querySelectorAll("[data-no-passkey]")) without.hidden = !!window.PublicKeyCredential;
