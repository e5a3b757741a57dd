// The camera of the scan page. It runs only while staff want it and the page is seen.
(function () {
  "use strict";
  var REMEMBERED = "kyky-camera";  // on in this tab
  var CHOSEN = "kyky-camera-id";   // which one at this desk
  var FAULTS = {
    NotAllowedError: "denied", SecurityError: "denied",
    NotFoundError: "none", OverconstrainedError: "none",
    NotReadableError: "busy", AbortError: "busy"
  };
  var section = document.getElementById("camera");
  if (!section || !window.KykyReader) {
    return;
  }
  var video = document.getElementById("finder");
  var state = document.getElementById("camera-state");
  var button = document.getElementById("camera-switch");
  var choice = document.getElementById("camera-choice");
  var list = document.getElementById("camera-list");
  var canvas = document.createElement("canvas");
  var context = canvas.getContext("2d", { willReadFrequently: true });
  var stream = null;
  var run = 0;  // a later start or stop ends what an earlier one began

  function tell(what) {
    var running = what === "on" || what === "starting";
    section.dataset.state = what;
    state.textContent = section.dataset[what];
    button.textContent = running ? section.dataset.stop : section.dataset.start;
    button.classList.toggle("main", !running);
  }

  function release() {
    run += 1;
    if (stream) {
      stream.getTracks().forEach(function (track) { track.stop(); });
    }
    stream = null;
    video.srcObject = null;
    video.hidden = true;
  }

  function stop(why) {
    release();
    tell(why);
  }

  function open(id) {
    var wish = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    if (id) {
      wish.deviceId = { exact: id };
    } else {
      wish.facingMode = { ideal: "environment" };
    }
    return navigator.mediaDevices.getUserMedia({ video: wish, audio: false })
      .catch(function (fault) {
        // The camera chosen earlier is not there any more: take any.
        if (id && fault.name === "OverconstrainedError") {
          localStorage.removeItem(CHOSEN);
          return open("");
        }
        throw fault;
      });
  }

  function start() {
    release();
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      tell("insecure");
      return;
    }
    var mine = run;
    tell("starting");
    var reader = window.KykyReader.ready();
    reader.catch(function () { /* told below */ });
    open(localStorage.getItem(CHOSEN)).then(function (opened) {
      if (mine !== run) {
        opened.getTracks().forEach(function (track) { track.stop(); });
        return undefined;
      }
      stream = opened;
      opened.getVideoTracks()[0].addEventListener("ended", function () {
        if (stream === opened) {
          stop("ended");
        }
      });
      video.srcObject = opened;
      video.hidden = false;
      return Promise.all([reader, video.play(), offerChoice()]).then(function () {
        if (mine === run) {
          sessionStorage.setItem(REMEMBERED, "1");
          tell("on");
          look(mine);
        }
      });
    }).catch(function (fault) {
      if (mine === run) {
        sessionStorage.removeItem(REMEMBERED);
        stop(FAULTS[fault && fault.name] || "failed");
      }
    });
  }

  // Names of cameras are known once one may be used.
  function offerChoice() {
    return navigator.mediaDevices.enumerateDevices().then(function (devices) {
      var cameras = devices.filter(function (device) { return device.kind === "videoinput"; });
      var used = stream && stream.getVideoTracks()[0].getSettings().deviceId;
      list.replaceChildren.apply(list, cameras.map(function (camera, at) {
        var one = new Option(camera.label || String(at + 1), camera.deviceId);
        one.selected = camera.deviceId === used;
        return one;
      }));
      choice.hidden = cameras.length < 2;
    });
  }

  // One look after the other, never more than half of the time, so that the page stays quick.
  function look(mine) {
    if (mine !== run) {
      return;
    }
    var began = performance.now();
    var again = function () {
      window.setTimeout(function () { onNextPicture(mine); }, performance.now() - began);
    };
    if (!video.videoWidth) {
      again();
      return;
    }
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    context.drawImage(video, 0, 0);
    window.KykyReader.read(context.getImageData(0, 0, canvas.width, canvas.height))
      .then(function (texts) {
        if (texts.length && mine === run) {
          document.dispatchEvent(new CustomEvent("kyky-read", { detail: texts }));
        }
        again();
      }, function () {
        if (mine === run) {
          stop("failed");
        }
      });
  }

  function onNextPicture(mine) {
    if (mine !== run) {
      return;
    }
    if (video.requestVideoFrameCallback) {
      video.requestVideoFrameCallback(function () { look(mine); });
    } else {
      look(mine);
    }
  }

  button.addEventListener("click", function () {
    if (section.dataset.state === "on" || section.dataset.state === "starting") {
      sessionStorage.removeItem(REMEMBERED);
      stop("off");
    } else {
      start();
    }
  });
  list.addEventListener("change", function () {
    localStorage.setItem(CHOSEN, list.value);
    start();
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden && section.dataset.state in { on: 1, starting: 1 }) {
      stop("hidden");
    }
  });
  document.addEventListener("kyky-done", function () { stop("done"); });
  window.addEventListener("pagehide", release);

  section.classList.add("sheet");
  section.querySelectorAll(".by-camera").forEach(function (part) { part.hidden = false; });
  tell("off");
  if (sessionStorage.getItem(REMEMBERED) && !document.hidden) {
    start();
  }
}());
