// Passkeys: the browser asks the device, and the form carries what it says to the server. Without it the forms stay hidden.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const written = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const numbered = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

  const create = (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: numbered(options.excludeCredentials),
      },
    });
  const get = (options) =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: numbered(options.allowCredentials),
      },
    });

  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const answerOf = ({ id, rawId, type, response }) => {
    const said = parts.filter((name) => response[name]).map((name) => [name, written(response[name])]);
    return JSON.stringify({ id, rawId: written(rawId), type, response: Object.fromEntries(said) });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const options = JSON.parse(form.dataset.options);
    const ask = form.dataset.passkey === "create" ? create : get;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[role=status]");
      said.textContent = "";
      try {
        form.elements.answer.value = answerOf(await ask(options));
      } catch (error) {
        said.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed;
        return;
      }
      form.submit();
    });
  }
})();
