// Sends the codes that were read, as text and once each, and shows how it went without leaving the
// page: the camera goes on, and what was read before stays.
(function () {
  "use strict";
  var MOVED = "kyky-moved";      // see desk.js
  var READ_AT = "kyky-read-at";  // when the last code was read; `bench/desk.py` measures from it
  var LEFT_ALONE = 3000;         // a refused code is told again only after so long out of sight
  var BETWEEN_WRONG = 1500;
  var AFTER_SILENCE = 3000;      // until the camera tries again when the service did not answer
  var MOST_WAITING = 8;
  var LARGEST_FILE = 4000000;    // what the service takes
  var page = document.getElementById("scan");
  if (!page || !window.fetch || !window.DOMParser) {
    return;
  }
  var field = document.getElementById("text");
  var form = field.form;
  var title = document.title;
  var taken = {};
  var refused = {};
  var waiting = [];
  var sending = false;
  var lastWrong = -BETWEEN_WRONG;
  var silentUntil = 0;

  function frames() {
    return form.elements.frames.value;
  }

  // Of what is no answer only enough goes out to say what it is: a network's password stays here.
  function outline(text) {
    return text.split(/\s+/).map(function (one) {
      var begins = one.match(/^([a-z][a-z0-9+.-]*:.{0,2}|www\.)/i);
      return window.KykyReader.isOurs(one) ? one : begins ? begins[0] : one && "?";
    }).join(" ");
  }

  function show(part) {
    ["fault", "progress"].forEach(function (id) {
      var here = document.getElementById(id);
      var there = part.getElementById(id);
      var status = here.querySelector("[role=status]");
      if (!status) {
        here.replaceChildren.apply(here, Array.from(there.childNodes));
        return;
      }
      // What is read aloud stays in its place; only its words change.
      var words = there.querySelector("[role=status]");
      if (status.textContent.trim() !== words.textContent.trim()) {
        status.replaceChildren.apply(status, Array.from(words.childNodes));
      }
      while (status.nextSibling) {
        status.nextSibling.remove();
      }
      words.replaceWith(document.createTextNode(""));
      Array.from(there.childNodes).forEach(function (node) { here.append(node); });
    });
    keep(part.getElementById("fault").dataset.frames);
  }

  function keep(text) {
    document.querySelectorAll("[name=frames]").forEach(function (one) { one.value = text; });
  }

  function say(words) {
    var note = document.createElement("p");
    note.className = "note wrong";
    note.textContent = words;
    document.getElementById("fault").replaceChildren(note);
    mark(null);
  }

  function mark(wrong) {
    [field, document.getElementById("picture")].forEach(function (one) {
      if (one === wrong) {
        one.setAttribute("aria-invalid", "true");
      } else {
        one.removeAttribute("aria-invalid");
      }
    });
    var isWrong = document.getElementById("fault").childElementCount > 0;
    document.title = (isWrong ? page.dataset.error + " " : "") + title;
  }

  function go(path) {
    sessionStorage.setItem(MOVED, "1");
    document.dispatchEvent(new CustomEvent("kyky-done"));
    location.replace(path);
  }

  function post(body) {
    return fetch(form.action, {
      method: "POST", body: body, headers: { "Kyky-Part": "1" }, credentials: "same-origin"
    }).then(function (answer) {
      if (answer.status >= 500) {
        throw new Error("no answer");
      }
      if ((answer.headers.get("content-type") || "").indexOf("application/json") === 0) {
        return answer.json().then(function (told) { go(told.to); return null; });
      }
      return answer.text().then(function (text) {
        var part = new DOMParser().parseFromString(text, "text/html");
        if (answer.redirected || !part.getElementById("progress")) {
          go(answer.redirected ? answer.url : location.pathname);  // signed out, for instance
          return null;
        }
        show(part);
        return answer.ok;
      });
    });
  }

  // Sends one code, and then the next. `from` is the field it came by, null for the camera.
  function sendNext() {
    var next = waiting[0];
    if (sending || !next) {
      return;
    }
    sending = true;
    sessionStorage.setItem(READ_AT, String(performance.timeOrigin + next.at));
    var body = next.body || new URLSearchParams();
    body.set("token", form.elements.token.value);
    body.set("frames", frames());
    if (!next.body) {
      body.set("text", outline(next.text));
    }
    post(body).then(function (good) {
      if (good === null) {
        return;  // the browser is on its way
      }
      done(next, good);
    }, function () {
      say(page.dataset.unreachable);
      silentUntil = performance.now() + AFTER_SILENCE;
      if (next.from === field && !field.value) {
        field.value = next.text;
        field.select();  // a scanner types over it
      }
      waiting.shift();
      sending = false;
    });
  }

  function done(sent, good) {
    if (good && sent.text && frames().indexOf(sent.text) >= 0) {
      taken[sent.text] = true;
    } else if (!good) {
      refused[sent.text] = performance.now();
      lastWrong = performance.now();
    }
    mark(good ? null : sent.from);
    waiting.shift();
    sending = false;
    sendNext();
  }

  function queue(one) {
    if (waiting.length < MOST_WAITING) {
      waiting.push(one);
      sendNext();
    }
  }

  // From the camera: the same code comes many times a second.
  document.addEventListener("kyky-read", function (event) {
    var now = performance.now();
    if (now < silentUntil) {
      return;
    }
    event.detail.forEach(function (text) {
      var again = refused[text] !== undefined && now - refused[text] < LEFT_ALONE;
      if (refused[text] !== undefined) {
        refused[text] = now;
      }
      var tooSoon = !window.KykyReader.isOurs(text) && now - lastWrong < BETWEEN_WRONG;
      var isWaiting = waiting.some(function (one) { return one.text === text; });
      if (!taken[text] && !again && !tooSoon && !isWaiting) {
        queue({ text: text, at: now, from: null });
      }
    });
  });

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var text = field.value.trim();
    field.value = "";
    field.focus();
    queue({ text: text, at: performance.now(), from: field });
  });

  // A picture is read here. Only if that finds nothing is the file itself sent, without being kept.
  var picture = document.getElementById("picture");
  var named = document.getElementById("picture-name");

  function name() {
    var names = Array.from(picture.files).map(function (file) { return file.name; });
    named.textContent = names.join(", ") || named.dataset.none;
  }

  picture.classList.add("own-button");
  named.parentElement.hidden = false;
  picture.addEventListener("change", name);
  name();  // the browser may keep a choice over a reload
  picture.form.addEventListener("submit", function (event) {
    event.preventDefault();
    var files = Array.from(picture.files);
    var at = performance.now();
    Promise.all(files.map(window.KykyReader.readFile)).then(function (found) {
      var texts = found.flat();
      if (texts.length) {
        queue({ text: texts.join(" "), at: at, from: picture });
      } else if (files.some(function (file) { return file.size > LARGEST_FILE; })) {
        say(page.dataset.noCode);
      } else {
        queue({ text: "", body: new FormData(picture.form), at: at, from: picture });
      }
    });
  });

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-start-over]")) {
      return;
    }
    event.preventDefault();
    taken = {};
    refused = {};
    waiting = [];
    keep("");
    var empty = document.getElementById("progress");
    empty.querySelector("[role=status]").textContent = "";
    Array.from(empty.children).slice(1).forEach(function (one) { one.remove(); });
    document.getElementById("fault").replaceChildren();
    mark(null);
    field.focus();
  });
}());
