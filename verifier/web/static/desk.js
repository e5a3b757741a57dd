// Moves a waiting page on by itself. Without it every page has a link or a button that does the same.
(function () {
  "use strict";
  var MOVED = "kyky-moved";
  var AFTER_SILENCE = 4000;
  var AWAY = new Error("the service does not answer");
  var SENT_ONCE_WITHIN = 5000;

  // A page that moved on by itself puts the reader at its heading, or at the field to fill in.
  if (sessionStorage.getItem(MOVED)) {
    sessionStorage.removeItem(MOVED);
    var heading = document.querySelector("h1");
    var field = document.querySelector("[autofocus]");
    if (field) {
      field.focus();
    } else if (heading) {
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  // What a person has just sent goes first: moving on meanwhile would lose where it leads.
  var sending = false;

  function move() {
    if (sending) {
      window.setTimeout(move, SENT_ONCE_WITHIN);
      return;
    }
    sessionStorage.setItem(MOVED, "1");
    location.replace(location.pathname);
  }

  // Time left, in words, twice a minute.
  function tellTime(clock) {
    if (!clock.dataset.end) {
      clock.dataset.end = String(Date.now() + Number(clock.dataset.seconds) * 1000);
    }
    var seconds = Math.round((Number(clock.dataset.end) - Date.now()) / 1000);
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
  }

  function tellEveryTime() {
    document.querySelectorAll("[data-seconds][data-many]").forEach(tellTime);
  }

  tellEveryTime();
  window.setInterval(tellEveryTime, 30000);

  // Resolves to this page as the service has it now. While the service is away, or somebody else
  // answers in its place, this page is the best there is: `orLater` tries again.
  function fresh() {
    return fetch(location.pathname, { cache: "no-store" }).catch(function () {
      throw AWAY;
    }).then(function (reply) {
      if (reply.status >= 500) {
        throw AWAY;
      }
      if (!reply.ok || reply.redirected) {
        throw new Error("another page");
      }
      return reply.text();
    });
  }

  function orLater(again) {
    return function (failure) {
      if (failure === AWAY) {
        window.setTimeout(again, AFTER_SILENCE);
      } else {
        move();
      }
    };
  }

  // A renewed code takes its place on the same page; the reader stays where they are.
  function renew() {
    fresh().then(function (text) {
      var other = new DOMParser().parseFromString(text, "text/html");
      document.querySelectorAll("[data-part]").forEach(function (part) {
        var renewed = other.querySelector("[data-part='" + part.dataset.part + "']");
        if (renewed) {
          part.replaceWith(document.importNode(renewed, true));
        }
      });
      tellEveryTime();
      renewLater();
    }).catch(orLater(renew));
  }

  function renewLater() {
    var short = document.querySelector("[data-renew-after]");
    if (short) {
      window.setTimeout(renew, Number(short.dataset.renewAfter) * 1000);
    }
  }

  renewLater();

  // The wallet has read the request, or answered, or the code is a new one: show that.
  var watched = document.querySelector("[data-watch]");
  function follow() {
    var source = new EventSource(watched.dataset.watch);
    source.addEventListener("now", function (event) {
      var mark = JSON.parse(event.data);
      if (mark.page !== watched.dataset.page) {
        source.close();
        move();
      } else if (watched.dataset.version && mark.version !== watched.dataset.version) {
        watched.dataset.version = mark.version;
        renew();
      }
    });
    // A browser tries again when nobody answers, but not after an answer that is no stream.
    source.addEventListener("error", function () {
      if (source.readyState === EventSource.CLOSED) {
        window.setTimeout(lookAgain, AFTER_SILENCE);
      }
    });
    window.addEventListener("pagehide", function () { source.close(); });
  }

  function lookAgain() {
    fresh().then(follow).catch(orLater(lookAgain));
  }

  if (watched && window.EventSource) {
    follow();
  }

  // When the values are erased at the server, they leave the screen as well.
  var leave = document.querySelector("[data-reload-after]");
  if (leave) {
    window.setTimeout(move, Number(leave.dataset.reloadAfter) * 1000);
  }

  // The window turned to the client follows the staff's, and tells it that it is open.
  var staff = document.querySelector("[data-customer-screen]");
  var client = document.querySelector("[data-i-am-screen]");
  if ((staff || client) && window.BroadcastChannel) {
    var channel = new BroadcastChannel("kyky-customer");
    channel.addEventListener("message", function (event) {
      if (client && event.data.show) {
        if (event.data.show === client.dataset.iAmScreen) {
          channel.postMessage({ here: true });
        } else {
          location.replace(event.data.show);
        }
      } else if (staff && event.data.here) {
        document.querySelectorAll("[data-open-screen]").forEach(function (link) {
          link.classList.remove("main");
        });
        document.querySelectorAll("[data-screen-open]").forEach(function (told) {
          told.textContent = told.dataset.screenOpen;
        });
      }
    });
    channel.postMessage(staff ? { show: staff.dataset.customerScreen } : { here: true });
  }

  // Keys alone, where they are switched on. A hand scanner types many at once: those are not meant.
  var keysAtOnce = 0;
  var keysTimer = 0;
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) {
      return;
    }
    if (event.target.closest("input, textarea, select")) {
      return;
    }
    keysAtOnce += 1;
    window.clearTimeout(keysTimer);
    keysTimer = window.setTimeout(function () {
      var alone = keysAtOnce === 1;
      keysAtOnce = 0;
      var meant = alone && document.querySelector("[data-key='" + CSS.escape(event.key) + "']");
      if (meant) {
        meant.click();
      }
    }, 150);
  });

  // A form is sent once, however often it is clicked.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    sending = true;
    window.setTimeout(function () {
      delete form.dataset.sent;
      sending = false;
    }, SENT_ONCE_WITHIN);
  });

  // Nothing comes back by the back button.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      location.replace(location.pathname);
    }
  });
}());
