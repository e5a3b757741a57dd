// Locks the screen when nobody has done anything for a while. The server decides; this only asks it.
(function () {
  "use strict";
  var LOCK = "/desk/lock";
  var AWAKE = "/desk/awake";
  var LOOK_EVERY = 5000;
  var given = document.currentScript.dataset;
  var span = Math.max(Number(given.seconds), 1) * 1000;
  var due = Date.now() + span;
  var acted = false;
  var told = Date.now();
  var asking = false;

  function leave() {
    // Whatever the network does, the values leave the screen now.
    var main = document.querySelector("main");
    if (main) {
      main.replaceChildren();
    }
    location.replace(LOCK);
  }

  function ask(options) {
    asking = true;
    fetch(AWAKE, options).then(function (answer) {
      if (answer.status >= 500) {
        throw new Error("somebody else answers in place of the service");
      }
      if (!answer.ok || answer.redirected) {
        leave();
        return null;
      }
      return answer.json();
    }).then(function (said) {
      asking = false;
      if (said) {
        due = Date.now() + said.seconds * 1000;
        if (said.seconds <= 0) {
          leave();
        }
      }
    }).catch(function () {
      // The service is away for a moment: that ends no visit before its time.
      asking = false;
      if (Date.now() >= due) {
        leave();
      }
    });
  }

  function look() {
    var now = Date.now();
    if (asking) {
      return;
    }
    if (acted && now < due && now - told > span / 10) {
      acted = false;
      told = now;
      ask({ method: "POST", body: new URLSearchParams({ token: given.token }) });
    } else if (now >= due) {
      ask({ method: "GET", cache: "no-store" });  // another tab may have been in use
    }
  }

  ["keydown", "pointerdown", "wheel", "touchstart"].forEach(function (name) {
    window.addEventListener(name, function () { acted = true; }, { passive: true });
  });
  window.setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
}());
