// What somebody showed leaves the screen: with Esc, when nobody is at the desk, when the page is left.
(function () {
  "use strict";
  var form = document.querySelector("[data-clear]");
  var held = document.querySelector("[data-idle-minutes]");

  // Esc clears and closes, once, however often it is pressed.
  var sent = false;
  function clear() {
    if (form && !sent) {
      sent = true;
      form.submit();
    }
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) {
      clear();
    }
  });
  var print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    document.querySelector("[data-print-how]").hidden = true;
    print.addEventListener("click", function () { window.print(); });
  }
  if (!held) {
    return;
  }

  // Nobody has touched anything for a while: the data go.
  var minutes = Number(held.dataset.idleMinutes);
  var timer = 0;
  function awake() {
    window.clearTimeout(timer);
    timer = window.setTimeout(clear, minutes * 60000);
  }
  ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"].forEach(function (name) {
    document.addEventListener(name, awake, { passive: true });
  });
  awake();
  document.querySelectorAll("[data-idle-told]").forEach(function (told) { told.hidden = false; });

  // The page is left or closed: the server keeps the data for a moment only, unless it is back.
  function say(where) {
    var told = new URLSearchParams({ token: held.dataset.token });
    navigator.sendBeacon(where, told);
  }
  say(held.dataset.here);
  window.addEventListener("pagehide", function () {
    say(held.dataset.left);
    document.querySelector("main").hidden = true; // a page kept by the browser shows nothing
  });
}());
