/**
 * Speech that becomes text: recorded here, transcribed by the server.
 *
 * @import { Composer } from "./composer.js"
 */

import { strings } from "./strings.js";

const TYPES = ["audio/webm;codecs=opus", "audio/mp4"];

export class Dictation {
  /** @type {"idle" | "asking" | "recording" | "transcribing"} */
  state = "idle";
  seconds = 0;
  /** @type {MediaRecorder | undefined} */
  recorder = undefined;

  /** @param {Composer} composer */
  constructor(composer) {
    this.composer = composer;
  }

  /** Begin to record, or stop and transcribe. */
  toggle() {
    if (this.state === "recording") this.recorder?.stop();
    if (this.state === "idle") this.#record();
  }

  /** Stop, and forget what was said. */
  cancel() {
    const { recorder } = this;
    this.recorder = undefined;
    if (recorder?.state === "recording") recorder.stop();
    this.#set("idle");
  }

  async #record() {
    this.#set("asking");
    /** @type {MediaStream | undefined} */
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (this.state !== "asking") return stopTracks(stream);
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
      this.#follow(new MediaRecorder(stream, { mimeType }));
    } catch {
      stopTracks(stream);
      this.#set("idle");
      this.composer.fail(strings.noMicrophone);
    }
  }

  /** @param {MediaRecorder} recorder */
  #follow(recorder) {
    this.recorder = recorder;
    this.seconds = 0;
    /** @type {Blob[]} */
    const pieces = [];
    const clock = setInterval(() => {
      this.seconds++;
      this.composer.draw();
    }, 1000);
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => {
      clearInterval(clock);
      stopTracks(recorder.stream);
      if (this.recorder === recorder) this.#transcribe(recorder, new Blob(pieces));
    };
    recorder.start();
    this.#set("recording");
  }

  /** @param {MediaRecorder} recorder @param {Blob} audio */
  async #transcribe(recorder, audio) {
    this.#set("transcribing");
    const { composer } = this;
    try {
      const said = { audio_base64: await base64(audio), mime_type: recorder.mimeType };
      const { text } = await composer.chat.op("input.transcribe", said);
      if (this.recorder === recorder) composer.editor.insert(String(text));
    } catch (error) {
      if (this.recorder === recorder) composer.failed(error);
    }
    if (this.recorder === recorder) this.#set("idle");
  }

  /** @param {Dictation["state"]} state */
  #set(state) {
    this.state = state;
    this.composer.draw();
  }
}

/** @param {MediaStream} [stream] */
function stopTracks(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** @param {Blob} blob @returns {Promise<string>} */
function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(/** @type {string} */ (reader.result).replace(/^.*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
