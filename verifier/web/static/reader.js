// Finds QR codes in a picture, in this browser: no picture is sent anywhere.
(function () {
  "use strict";
  var FOLDER = "/static/vendor/zxing-wasm/";
  var OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 4 };
  var LARGEST_SIDE = 4096;
  var OURS = "5959";
  var waiting = null;

  // Resolves when the reader can read; asking again costs nothing.
  function ready() {
    if (!waiting) {
      waiting = window.ZXingWASM ? window.ZXingWASM.prepareZXingModule({
        overrides: { locateFile: function (name) { return FOLDER + name; } },
        fireImmediately: true
      }) : Promise.reject(new Error("no reader"));
      waiting.catch(function () { waiting = null; });
    }
    return waiting;
  }

  // Resolves to the texts of the codes; a poster's code beside a wallet's is left out.
  function read(pixels) {
    return ready().then(function () {
      return window.ZXingWASM.readBarcodes(pixels, OPTIONS);
    }).then(function (codes) {
      var texts = codes.filter(function (code) { return code.isValid && code.text; })
        .map(function (code) { return code.text; });
      var ours = texts.filter(function (text) { return text.indexOf(OURS) === 0; });
      return ours.length ? ours : texts;
    });
  }

  // Resolves to the texts of the codes in a picture file, none if it cannot be read here.
  function readFile(file) {
    return createImageBitmap(file).then(function (picture) {
      var shrink = Math.min(1, LARGEST_SIDE / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * shrink));
      canvas.height = Math.max(1, Math.round(picture.height * shrink));
      var context = canvas.getContext("2d");
      context.fillStyle = "#fff";  // what is see-through counts as paper
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      return read(context.getImageData(0, 0, canvas.width, canvas.height));
    }).catch(function () { return []; });
  }

  window.KykyReader = { ready: ready, read: read, readFile: readFile, isOurs: function (text) {
    return text.indexOf(OURS) === 0;
  } };
}());
