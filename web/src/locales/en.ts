// Every word that the page says, in English. A translation is another file of this shape.

const plural = new Intl.PluralRules("en");

function cars(n: number): string {
  return plural.select(n) === "one" ? `${n} car` : `${n} cars`;
}

export const en = {
  language: "en",
  languageName: "English",
  // Header and connection
  legOf: (leg: number, legs: number) => `Leg ${leg} of ${legs}`,
  legDelayed: (time: string) => `first start ${time}`,
  legCancelled: "cancelled",
  distance: (value: number, unit: string) => `${value} ${unit === "mi" ? "miles" : "km"}`,
  distanceTo: (value: number, unit: string, place: string) => `${value} ${unit} to ${place}`,
  live: (age: string) => `LIVE −${age}`,
  connecting: "Connecting…",
  reconnecting: (time: string) => `Reconnecting · picture of ${time}`,
  ended: "This tour's live feed has ended",
  atTheTour: (time: string) => `${time} at the tour`,
  liveHelp: (behind: string, newest: string) =>
    `The picture runs ${behind} behind; the newest position is ${newest} old`,
  nothingYet: "No positions yet",
  quiet: (time: string) => `No news since ${time}`,
  loading: "Waiting for the first positions…",
  noTour: "There is no tour here yet. Start the server with a tour folder.",
  // Controls
  search: "Search the field",
  searchHint: "Try “Alfa”, “pre-war”, “1938”, “12”",
  noMatch: (query: string) => `Nobody matches “${query}”`,
  wholeLeg: "Whole leg",
  wholeField: "Whole field",
  follow: (number: string) => `Follow ${number}`,
  followMine: "My cars",
  closer: "Closer",
  farther: "Farther",
  useDark: "Dark colours",
  useLight: "Light colours",
  favourite: (number: string) => `Keep ${number} on top`,
  sheetHandle: "Size of the list",
  skipToMap: "Skip to the map",
  map: "Map of the leg. The list has the same information.",
  ladder: "Ladder: the field along the leg. Arrow keys go from car to car. The list has the same information.",
  list: "The field",
  // The menu and the page of one car
  menu: "More",
  leg: "Leg",
  legOfTheDay: "Leg of the day",
  legTitle: (leg: number, title: string) => `Leg ${leg} · ${title}`,
  useUnits: (unit: string): string => (unit === "mi" ? "In miles" : "In kilometres"),
  copyLink: "Copy link to this view",
  copied: "Copied",
  copyByHand: "Copy it from the address bar",
  textView: "As text, light and printable",
  close: "Close",
  carTitle: (number: string, name: string) => `${number} · ${name}`,
  offline: (age: string) => `No connection: this is how it was ${age} ago`,
  // Sections of the list
  sections: {
    favourites: "Your favourites",
    attention: "Not on their way",
    road: "On the road",
    halt: "At the halt",
    waiting: "Still to start",
    finished: "Arrived",
    support: "Support",
    out: "No longer driving",
  },
  // What a vehicle is doing
  state: {
    never: "not heard from yet",
    waiting: "waiting at the start",
    starts: (time: string) => `starts ${time}`,
    startsOn: (day: string, time: string) => `starts ${day} ${time}`,
    running: "on the road",
    towards: (place: string) => `on the way to ${place}`,
    arrivesIn: (place: string, from: number, to: number) => `${place} in ${from}–${to} min`,
    arrivesWithin: (place: string, to: number) => `${place} within ${to} min`,
    arrivesAt: (place: string, from: string, to: string) => `${place} ${from}–${to}`,
    arrivesSoon: (place: string) => `${place} any minute`,
    lunch: (place: string) => `at lunch, ${place}`,
    halt: (place: string) => `at the halt, ${place}`,
    stopped: (duration: string, place: string) => `stopped ${duration} at ${place}`,
    offCourse: (duration: string) => `off the course, ${duration}`,
    offCourseNear: (place: string, duration: string) => `off the course near ${place}, ${duration}`,
    silent: (time: string) => `no signal since ${time}`,
    silentWithOthers: (time: string, others: number) =>
      `no signal since ${time}, like ${others} ${others === 1 ? "other" : "others"} here`,
    between: (from: number, to: number, unit: string) => `between ${unit === "mi" ? "mile" : "km"} ${from} and ${to}`,
    finished: (place: string) => `arrived in ${place}`,
    standing: ["", "retired", "on a trailer", "withdrawn", "out of time"],
  },
  mark: (value: number, unit: string) => (unit === "mi" ? `mile ${value}` : `km ${value}`),
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (h: number, m: number) => (m === 0 ? `${h} h` : `${h} h ${m} min`),
  // Details of the chosen vehicle
  position: (time: string, age: string) => `Position of ${time}, ${age} old`,
  // Before, between and after
  chapter: {
    startsIn: (time: string) => `The start is in ${time}`,
    starts: (leg: number, day: string, time: string, place: string) =>
      `Leg ${leg} starts ${day ? `${day} ` : ""}${time} from ${place}`,
    delayed: (planned: string) => `later than planned (${planned})`,
    firstCar: (cars: string, number: string, name: string) => `${cars}; the first to leave is ${number}, ${name}`,
    cancelled: (leg: number) => `Leg ${leg} is cancelled`,
    arrived: (home: number, of: number, place: string) =>
      home === of ? `All ${home} have arrived in ${place}` : `${home} of ${of} have arrived in ${place}`,
    over: "The tour is over",
    summary: (legs: number, distance: string) => `${distance} in ${legs} ${legs === 1 ? "leg" : "legs"}`,
  },
  // The tour in a frame, and the board in the lobby
  embedMap: "Map of the tour",
  wholePage: "Whole page",
  embedCode: "Copy code for your own page",
  arrivalsBoard: "Arrivals board",
  arrivingAt: (place: string) => `Arriving at ${place}`,
  range: (from: string, to: string) => `${from}–${to}`,
  minutesRange: (from: number, to: number) => `${from}–${to} min`,
  within: (to: number) => `within ${to} min`,
  anyMinute: "any minute",
  count: {
    finished: (n: number) => `${n} arrived`,
    road: (n: number) => `${n} on the road`,
    waiting: (n: number) => `${n} still to start`,
    out: (n: number) => `${n} no longer driving`,
  },
  nobodyYet: (start: string) => `Nobody is on the way yet\n${start}`,
  allHome: (place: string) => `Everybody is home in ${place}`,
  tomorrow: (start: string) => `Next: ${start}`,
  startsFrom: (place: string, day: string, time: string) => `first start from ${place} ${day} ${time}`,
  // Groups
  cars,
  group: {
    front: "front",
    main: "main field",
    tail: "tail",
  },
  parked: {
    waiting: (n: number) => `${n} waiting`,
    lunch: (n: number) => `${n} at lunch`,
    halt: (n: number) => `${n} at the halt`,
    finished: (n: number) => `${n} arrived`,
  },
  credits: "Natural Earth · U.S. Census Bureau · GeoNames CC BY 4.0 · Digital Chart of the World",
  announced: (number: string, name: string, words: string) => `${number}, ${name}: ${words}`,
};

export type Catalogue = typeof en;
