// What the terminal of textual.js needs to know of this page, and the way back after an end.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const terminal = document.getElementById("terminal");
  terminal.dataset.sessionWebsocketUrl = `ws://${window.location.host}/ws`;
  document.getElementById("again").addEventListener("click", () => window.location.reload());
});
