/** The camera of a desktop in a dialog; phones have `<input capture>`, which is better there. */

import { say } from "./enhance-words.js";

/** Whether this device should get the dialog: a mouse, and a browser that offers cameras. */
export function wantsDialog({ mediaDevices, isCoarse }) {
  return Boolean(mediaDevices?.getUserMedia) && !isCoarse;
}

/** Connects `button` with `dialog`; `onPhoto(file)` gets each shot. */
export function connectCamera({ button, dialog, onPhoto }) {
  const view = dialog.querySelector("[data-camera-view]");
  const error = dialog.querySelector("[data-camera-error]");
  const shoot = dialog.querySelector("[data-camera-shoot]");
  let stream = null;
  let number = 0;

  async function open() {
    error.hidden = true;
    shoot.disabled = true;
    dialog.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
    } catch {
      error.textContent = say("no_camera");
      error.hidden = false;
      return;
    }
    if (!dialog.open) {
      stop(); // closed while the browser asked for permission
      return;
    }
    view.srcObject = stream;
    await view.play();
    shoot.disabled = false;
  }

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    view.srcObject = null;
  }

  async function take() {
    const canvas = document.createElement("canvas");
    canvas.width = view.videoWidth;
    canvas.height = view.videoHeight;
    canvas.getContext("2d").drawImage(view, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    number += 1;
    onPhoto(new File([blob], say("photo_name", { number }), { type: "image/jpeg" }));
    dialog.close();
  }

  button.hidden = false;
  button.addEventListener("click", open);
  shoot.addEventListener("click", take);
  dialog.querySelector("[data-camera-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
}
