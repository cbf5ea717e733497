// What a page does beyond plain HTML. Every page works without it.
(() => {
  "use strict";

  // Quick exit: leave no entry to come back to, show nothing while leaving, and end the session.
  const exit = document.querySelector("[data-quick-exit]");
  const leave = () => {
    const signOut = document.querySelector("[data-sign-out]");
    if (signOut) {
      fetch(signOut.action, { method: "POST", body: new FormData(signOut), keepalive: true, redirect: "manual" });
    }
    document.body.hidden = true;
    document.title = "…";
    window.location.replace(exit.href);
  };
  if (exit) {
    exit.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    let presses = [];
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") {
        presses = [];
        return;
      }
      presses = [...presses, Date.now()].filter((at) => Date.now() - at < 2000);
      if (presses.length >= 3) leave();
    });
  }

  // A form is sent once, however often its button is pressed; coming back to the page frees it again.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  // What needs attention first takes the focus: an error summary, a conflict.
  document.querySelector("[data-focus]")?.focus();

  // A link of the error summary leads to the answer itself, not only to its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a");
    const place = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!place) return;
    event.preventDefault();
    const answer = place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea");
    place.closest(".field")?.scrollIntoView({ block: "start" });
    (answer || place).focus({ preventScroll: true });
  });

  // An open menu closes on Escape and on a press beside it.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });

  // Choices that apply at once where a script runs; without one the form has a button.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
})();
