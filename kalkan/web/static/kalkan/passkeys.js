// Passkeys: a form with `data-passkey` asks the browser for one and sends its answer in the hidden field `credential`.
(() => {
  "use strict";

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

  const create = async (options) => {
    const asked = {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withIds(options.excludeCredentials),
      // It must know its account and ask for a finger or a PIN: then it is two factors in one.
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    };
    const made = await navigator.credentials.create({ publicKey: asked });
    return {
      ...about(made),
      response: {
        clientDataJSON: toText(made.response.clientDataJSON),
        attestationObject: toText(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
    };
  };

  const get = async (options) => {
    const asked = {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withIds(options.allowCredentials),
    };
    const given = await navigator.credentials.get({ publicKey: asked });
    return {
      ...about(given),
      response: {
        clientDataJSON: toText(given.response.clientDataJSON),
        authenticatorData: toText(given.response.authenticatorData),
        signature: toText(given.response.signature),
        userHandle: given.response.userHandle ? toText(given.response.userHandle) : null,
      },
    };
  };

  const about = (credential) => ({
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  });

  const optionsOf = async (form) => {
    if (form.dataset.optionsUrl) {
      const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`${answer.status}`);
      return (await answer.json()).request_options.publicKey;
    }
    const held = JSON.parse(document.getElementById("passkey-options").textContent);
    return (held.creation_options || held.request_options).publicKey;
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const sorry = form.querySelector("[data-passkey-sorry]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      sorry.hidden = true;
      form.setAttribute("aria-busy", "true");
      try {
        const options = await optionsOf(form);
        const answer = form.dataset.passkey === "create" ? await create(options) : await get(options);
        form.querySelector("[name=credential]").value = JSON.stringify(answer);
        form.submit();
      } catch {
        // Cancelled, timed out, or no passkey here: the person is told, and may try again.
        form.removeAttribute("aria-busy");
        sorry.hidden = false;
      }
    });
  });
})();
