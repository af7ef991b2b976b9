// Every word that the driver's page says, in English. A translation is another file of this shape.
// Each has to be taken in at a glance, by somebody who drives.

export const driveEn = {
  language: "en",
  title: "Milepost",
  car: (number: string) => `Car ${number}`,
  keepOpen: "Keep this page open.",
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (n: number) => `${n} h`,
  dial: {
    start: { big: "Start", small: "share our place with the tour" },
    cannot: { big: "–", small: "no position on this page" },
    searching: { big: "…", small: "looking for your place" },
    sending: { big: "…", small: "telling the tour" },
    keeping: { big: "…", small: "kept until there is signal" },
    kept: { big: "…", small: "kept on this phone" },
    stop: { big: "Stop?", small: "tap again to stop sharing" },
    since: "since the tour knew your place",
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
    good: "good",
    rough: (metres: number) => `rough, ${metres} m`,
  },
  queue: (n: number) => (n === 0 ? "all sent" : n === 1 ? "1 position" : `${n} positions`),
  battery: {
    unknown: "keep it plugged in",
    charging: (percent: number) => `${percent} %, charging`,
    low: (percent: number) => `${percent} %: plug in!`,
    enough: (percent: number) => `${percent} %, enough`,
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
    refused: {
      sos: "Your SOS does not get through with this link: telephone the organisers",
      fine: "“We are fine” does not get through with this link",
    },
    through: {
      sos: (time: string) => `The tour has your SOS since ${time}`,
      fine: (time: string) => `The tour knows since ${time} that you are fine`,
    },
  },
  ask: {
    title: "Send an SOS?",
    text: "It calls the tour’s people to your place. In danger, dial 112 or 911 first: this is no emergency call.",
    yes: "Send SOS",
    no: "Not now",
  },
};

export type DriveCatalogue = typeof driveEn;
