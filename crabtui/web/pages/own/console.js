// What the terminal of textual.js needs to know of this page, and the way back after an end.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const terminal = document.getElementById("terminal");
  terminal.dataset.sessionWebsocketUrl = `ws://${window.location.host}/ws`;
  document.getElementById("again").addEventListener("click", () => window.location.reload());
  // Keys go to the console once it listens, without a click into it first.
  new MutationObserver((_, observer) => {
    if (terminal.classList.contains("-connected")) {
      observer.disconnect();
      terminal.querySelector("textarea").focus();
    }
  }).observe(terminal, { attributes: true });
});
