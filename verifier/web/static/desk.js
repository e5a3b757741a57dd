// Moves a waiting page on by itself. Without it every page has a link or a button that does the same.
(function () {
  "use strict";
  var MOVED = "kyky-moved";

  // A page that moved on by itself puts the reader at its heading.
  if (sessionStorage.getItem(MOVED)) {
    sessionStorage.removeItem(MOVED);
    var heading = document.querySelector("h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  function move() {
    sessionStorage.setItem(MOVED, "1");
    location.replace(location.pathname);
  }

  // The wallet has read the request, or answered: show that.
  var follow = document.querySelector("[data-follow]");
  if (follow && window.EventSource) {
    var source = new EventSource(follow.dataset.follow);
    ["fetched", "answered", "code_pending", "identity_pending", "done"].forEach(function (name) {
      source.addEventListener(name, function (event) {
        if (JSON.parse(event.data).state !== follow.dataset.state) {
          source.close();
          move();
        }
      });
    });
    window.addEventListener("pagehide", function () { source.close(); });
  }

  // Time left, in words, twice a minute.
  var clock = document.querySelector("[data-seconds]");
  if (clock) {
    var end = Date.now() + Number(clock.dataset.seconds) * 1000;
    window.setInterval(function () {
      var seconds = Math.round((end - Date.now()) / 1000);
      if (seconds <= 0) {
        move();
        return;
      }
      var minutes = Math.floor(seconds / 60);
      var words = minutes === 0 ? clock.dataset.little
        : minutes === 1 ? clock.dataset.one
          : clock.dataset.many.replace("77", String(minutes));
      if (clock.textContent.trim() !== words) {
        clock.textContent = words;
      }
    }, 30000);
  }

  // When the values are erased at the server, they leave the screen as well.
  var leave = document.querySelector("[data-reload-after]");
  if (leave) {
    window.setTimeout(move, Number(leave.dataset.reloadAfter) * 1000);
  }

  // Nothing comes back by the back button.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      location.replace(location.pathname);
    }
  });
}());
