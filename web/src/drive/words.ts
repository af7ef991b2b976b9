// Every word that the driver's page says, in English. A translation is another file of this shape.
// Each has to be taken in at a glance, by somebody who drives.
import { LOW_PCT } from "./battery";
import type { Call } from "./ping";

export interface Dial {
  big: string;
  small: string;
}

const GOOD_ACCURACY_M = 25;

export const words = {
  title: "Milepost",
  car: (number: string) => `Car ${number}`,
  keepOpen: "Keep this page open.",
  dial: {
    start: { big: "Start", small: "share our place with the tour" },
    searching: { big: "…", small: "looking for your place" },
    sending: { big: "…", small: "telling the tour" },
    age: (ageMs: number): Dial => ({ ...duration(ageMs), small: "since the tour knew your place" }),
    stop: { big: "Stop?", small: "tap again to stop sharing" },
  },
  labels: ["Signal", "GPS", "To send", "Battery"],
  signal: {
    idle: "not needed yet",
    good: "good",
    waiting: "none for now",
    offline: "none for now",
    refused: "link not valid",
  },
  gps: {
    off: "off",
    denied: "not allowed",
    searching: "searching the sky",
    found: (accuracyM: number) => (accuracyM <= GOOD_ACCURACY_M ? "good" : `rough, ${roundMetres(accuracyM)} m`),
  },
  queue: (n: number) => (n === 0 ? "all sent" : n === 1 ? "1 position" : `${n} positions`),
  battery: {
    unknown: "keep it plugged in",
    known: (percent: number, charging: boolean) =>
      charging ? `${percent} %, charging` : percent <= LOW_PCT ? `${percent} %: plug in!` : `${percent} %, enough`,
  },
  screen: {
    off: "Another app, or a dark screen, and no positions go out.",
    on: "The screen stays on by itself. Another app, and no positions go out.",
    refused: "This phone will not keep its screen on. Set the display to stay on, and leave low-power mode.",
  },
  notice: {
    denied:
      "This page may not see where you are. Allow “Location” for it in the browser’s settings, then load it again.",
    refused:
      "The tour does not know this link, or no longer. Ask the organisers for a new card. What is waiting is kept.",
    cannotKeep:
      "This browser keeps nothing, so nothing can be sent. Open the link in an ordinary window, and look whether the phone is full.",
    insecure:
      "Phones give no position to a page without https. Ask the organisers for the link that begins with https.",
  },
  fine: "We are fine, just stopped",
  sos: "SOS",
  message: {
    waiting: { sos: "SOS waits for signal and goes out by itself", fine: "“We are fine” waits for signal" },
    through: {
      sos: (time: string) => `The tour has your SOS since ${time}`,
      fine: (time: string) => `The tour knows since ${time} that you are fine`,
    },
  } satisfies { waiting: Record<Call, string>; through: Record<Call, (time: string) => string> },
  ask: {
    title: "Send an SOS?",
    text: "It calls the tour’s people to your place. In danger, dial 112 or 911 first: this is no emergency call.",
    yes: "Send SOS",
    no: "Not now",
  },
};

/** A time in the roundest unit that says enough. */
function duration(ms: number): { big: string } {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return { big: `${seconds} s` };
  const minutes = Math.round(seconds / 60);
  return { big: minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h` };
}

function roundMetres(metres: number): number {
  return metres < 100 ? Math.round(metres / 5) * 5 : Math.round(metres / 100) * 100;
}
