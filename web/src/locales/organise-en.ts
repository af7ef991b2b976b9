// Every word of the organiser's page, in English. A translation is another file of this shape.
import type { ProblemKind } from "../organise/roll";

export interface Advice {
  what: string;
  mend: string;
}

/** What a sentence about a device needs to know. */
export interface Said {
  ago: string; // since it was heard
  every: string;
  accuracy: string;
  battery: string;
  clock: string;
  clockAhead: boolean;
  positionAge: string;
  box: boolean; // unattended: nobody can open an app on it
}

const SCAN_AGAIN = "Scan its card again and switch tracking on. Has the phone a network at all?";

export const organiseEn = {
  language: "en",
  languageName: "English",
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (h: number, m: number) => (m === 0 ? `${h} h` : `${h} h ${m} min`),
  mark: (value: number, unit: string) => (unit === "mi" ? `mile ${value}` : `km ${value}`),
  pageTitle: (tour: string) => `${tour}: for the organisers`,
  atTheTour: (time: string) => `For the organisers · ${time} at the tour`,
  useDark: "Dark colours",
  useLight: "Light colours",
  close: "Close",
  loading: "Asking the tour…",
  readSoFar: (percent: number) => `Reading what was driven so far: ${percent} %. The list is not complete yet.`,
  offline: (age: string) => `No connection: this is how it was ${age} ago`,
  signedOut: "You are no longer signed in on this device. Open the link of your invitation again.",
  failed: "That did not get through. Please try again.",
  views: { check: "Check list", cards: "Cards", swap: "Spares", odd: "Oddities", tell: "Alerts" },

  heardOf: (heard: number, all: number) => `${heard} of ${all}`,
  heardLately: "heard in the last 5 minutes",
  toLookAfter: (n: number) => (n === 0 ? "all is well" : `${n} to look after`),
  neverHeard: (n: number) => `${n} never heard`,
  search: "Number, car or name",
  filters: { all: "All", care: "To do", quiet: "Not heard", support: "Support" },
  order: { label: "Order", trouble: "Trouble first", number: "By number" },
  nobody: "Nobody here. That may be good news.",
  heard: (ago: string) => `heard ${ago} ago`,
  never: "never heard",
  within: (metres: number) => `within ${metres} m`,
  everySo: (time: string) => `every ${time}`,
  battery: (percent: number) => `${percent} % battery`,
  clockGood: "clock right",
  clockOff: (time: string) => `clock ${time} off`,
  well: "all is well",
  notDriving: "no longer driving",
  noTracker: "No working tracker",
  seen: (time: string, ago: string) => `last seen ${time}, ${ago} ago`,
  seenAt: (time: string, ago: string, place: string) => `last seen ${time}, ${ago} ago, at ${place}`,
  neverSeen: "not seen yet",
  othersToo: (n: number) => (n === 1 ? "Another device has trouble" : `${n} other devices have trouble`),
  problem: (kind: ProblemKind, d: Said): Advice =>
    ({
      never: {
        what: "Never heard",
        mend: d.box ? "Has it power, its SIM data, and this server’s address and port?" : SCAN_AGAIN,
      },
      silent: {
        what: `Silent for ${d.ago}`,
        mend: d.box
          ? "Has it power? Boxes on the ignition sleep with it."
          : "Open the app: is tracking on? Allow location always, and take the app out of battery saving.",
      },
      "no position": {
        what: "Heard, but without a position",
        mend: "Put it where it sees the sky, and allow the app the precise location.",
      },
      "old position": {
        what: `Heard, but its newest position is ${d.positionAge} old`,
        mend: "If it comes out of a dead zone, wait: it sends in order. Else put it where it sees the sky.",
      },
      twice: {
        what: "In two places at once",
        mend: "Two phones have scanned this card: give the other one the card of its own car.",
      },
      mock: {
        what: "Sends made-up positions",
        mend: "Switch the mock location app off in the phone’s developer options.",
      },
      rough: {
        what: `Knows its place to ${d.accuracy} only`,
        mend: "Allow the app the precise location, switch GPS on, and move the phone away from metal.",
      },
      clock: {
        what: `Its clock is ${d.clock} ${d.clockAhead ? "ahead" : "behind"}`,
        mend: "Set the phone’s date and time to automatic. Until then its times are corrected here.",
      },
      slow: {
        what: `Speaks only every ${d.every}`,
        mend: d.box
          ? "Set its reporting interval to 10 s."
          : "Scan its card again, which sets 10 s, and take the app out of battery saving.",
      },
      battery: { what: `${d.battery} of battery left`, mend: "Plug it in." },
    })[kind],

  // One vehicle
  onTheMap: "On the map",
  device: (name: string) => `Device ${name}`,
  unattended: "unattended box",
  protocols: {
    osmand: "Traccar Client",
    osmandapp: "OsmAnd",
    owntracks: "OwnTracks",
    overland: "Overland",
    gpslogger: "GPSLogger",
    opengts: "OpenGTS",
    inreach: "Garmin inReach",
    teltonika: "Teltonika",
    queclink: "Queclink",
    pings: "the driver’s page",
  } as Record<string, string>,
  since: (number: string) => `from car ${number}`,
  showCard: "Show its card",
  lost: "Lost: make a new card",
  lostAsk: (name: string) => `Make the card of ${name} void? The phone that holds it is no longer heard.`,
  lostYes: "Yes, a new card",
  lostDone: "The old card is void. This is the new one.",
  giveSpare: "Give it a spare",
  putElsewhere: "Put it into another car",
  cancel: "Not now",

  // Cards
  cardsAbout: [
    "Print one card for each car and put it into the envelope with the door numbers.",
    "At the car: scan one of the three codes, and switch tracking on. One of them is enough.",
    "Look at the check list: each car appears there by itself, and says what it still wants.",
  ],
  noHttps:
    "These cards begin with http. Phones give no position to a page without https, so the driver’s page will not work: open this page by the address with https, and print then.",
  printAll: "Print all cards",
  printOne: "Print this card",
  oneCard: "Or show one on the screen",
  ways: {
    url: {
      title: "Traccar Client",
      how: "Open the app, tap the code in its corner and scan this one. Then switch tracking on.",
    },
    drive: {
      title: "No app",
      how: "Scan with the camera and tap the big button. Keep the page open and the phone plugged in.",
    },
    owntracks: {
      title: "OwnTracks",
      how: "For who has the app already: scan with the camera and accept the settings.",
    },
  },
  otherApps: "Others",
  others: {
    overland: "Settings, Receiver Endpoint URL: this. Logging mode: all data; tracking on.",
    gpslogger: "Logging details, Log to custom URL: on, with this URL. Performance: every 10 s.",
    osmandapp: "Plugin Trip recording, Online tracking: web address this, interval 10 s.",
  },
  copyLink: "Copy the link",
  copied: "Copied",
  waitsFor: "Waiting to hear from it…",
  hears: (ago: string) => `It is heard: ${ago} ago`,

  // Spares
  swapWhich: "Which device?",
  swapAbout: "Scan the code on a spare’s card with your camera, or choose the device here.",
  anyOther: "Any other device",
  noSpares:
    "No spares are listed: name several devices, separated by a bar, in the column device of the sweep or a service car.",
  swapInto: (device: string) => `Into which car shall ${device} go?`,
  inCar: (number: string) => `in ${number}`,
  swapAsk: (device: string, car: string) => `From now on ${device} speaks for ${car}.`,
  swapKeeps: "What it said before stays with the car that it was in.",
  swapYes: "So be it",
  swapDone: (device: string, car: string) => `${device} speaks for ${car} now.`,
  undo: "Undo",
  undone: "Undone: all is as it was.",
  swapsSoFar: "Swapped so far",
  swapped: (device: string, car: string, time: string) => `${device} to car ${car} at ${time}`,
  noSwaps: "Nobody has needed a spare yet.",
  carOf: (number: string, name: string) => (name ? `${number} · ${name}` : `car ${number}`),

  // Oddities
  whoIsTold: "Who is told of alerts",
  nobodyIsTold:
    "Nobody yet, besides those who look at the board. Write notify.toml into the data folder and restart the server: docs/notifications.md.",
  toldOnce: "Each of them is told once, whatever happens to the server. Try it before the first car starts.",
  andEndings: (kinds: string) => `${kinds}; and when it is over`,
  tryIt: "Send a test",
  tryItWith: (name: string) => `Send a test to ${name}`,
  trying: "Sending…",
  tookIt: "Sent. Has it arrived?",
  tookItNot: "It was not taken. Is the address right, and its password?",
  tryLater: "That did not get through, or it was tried a moment ago. Try again in ten seconds.",
  alertKind: {
    sos: "SOS",
    stopped: "stopped",
    silent: "no signal",
    off_course: "off the course",
    behind: "behind the field",
    behind_sweep: "behind the sweep",
    not_started: "not started",
    low_battery: "battery low",
    left_behind: "tracker left behind",
    trailered: "on a trailer",
    feed_outage: "feed out",
  } as Record<string, string>,

  unknownBoxes: "Boxes that nobody has listed",
  noBoxes: "No unlisted box has called.",
  boxCalled: (ago: string) => `called ${ago} ago`,
  boxCar: "Whose is it?",
  boxYes: "Let it in",
  boxDone: (number: string, car: string) =>
    `${number} speaks for car ${car}: it is let in when it calls again. Write it into roster.csv too, column imei.`,
  refusals: "What devices sent in vain",
  noRefusals: "Everything that came could be used.",
  refusedTimes: (n: number, ago: string) => (n === 1 ? `once, ${ago} ago` : `${n} times, last ${ago} ago`),
  raw: "What it sent",
  reason: {
    "latitude out of range": "a latitude that does not exist",
    "longitude out of range": "a longitude that does not exist",
    "null island": "the place 0, 0: its receiver has no fix yet",
    "time before 2000": "a time before the year 2000: its clock is not set yet",
    "time in the future": "a time more than a day ahead: set its date and time to automatic",
    "not a time": "a time that cannot be read",
    "half a place": "a latitude without a longitude, or the other way round",
    "not a number": "something else where a number belongs",
    ambiguous: "one thing said twice, in two ways",
    "wrong type": "something else than its protocol has there",
    "not readable": "what cannot be read: is the app set to the protocol of its address?",
    "cannot be decrypted": "what cannot be decrypted: the passphrase on the phone is another one",
    "wrong checksum": "a message damaged on its way",
    "too long": "more than a message may hold",
  } as Record<string, string>,
};

export type OrganiseCatalogue = typeof organiseEn;
