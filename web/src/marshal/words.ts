// Every word of the marshal's page, in both languages: few and large.
import { words } from "../app/words";

const cars = (n: number) => (n === 1 ? "1 car" : `${n} cars`);

const en = {
  title: (place: string) => place || "Which checkpoint?",
  choose: "Our checkpoint",
  leg: (leg: number, title: string) => `Leg ${leg} · ${title}`,
  expected: "Expected next: tap who passes",
  nobody: "Nobody is on the way here at the moment.",
  others: (n: number) => `All others (${n})`,
  byNumber: "Number",
  passed: "Passed",
  undo: "Undo",
  lastWas: (number: string, time: string) => `${number} passed at ${time}`,
  minutes: (n: number) => (n < 1 ? "now" : `${n} min`),
  allSent: "Everything has got through",
  waiting: (n: number) => `No signal: ${n === 1 ? "1 tap is" : `${n} taps are`} kept here and sent by themselves`,
  sending: "Sending…",
  signedOut: "You are signed out. What is kept here is sent once you open your invitation again.",
  through: "got through",
  kept: "kept here",
  refused: (reason: string) => `not accepted: ${reason}`,
  by: (who: string) => `seen by ${who}`,
  unknown: (number: string) => `There is no ${number} in this tour.`,
  already: (number: string) => `${number} is noted already.`,
  toCome: (n: number) => `${cars(n)} to come`,
  lastExpected: (number: string, early: string, late: string) => `the last, ${number}, at ${early}–${late}`,
  sweepAt: (early: string, late: string) => `the sweep at ${early}–${late}`,
  sweepThrough: (time: string) => `the sweep came through at ${time}`,
  standDown: "Course clear, you may stand down. Thank you!",
  asOf: (age: string) => `as of ${age} ago`,
  you: (name: string) => name,
};

const it: typeof en = {
  title: (place) => place || "Quale controllo?",
  choose: "Il nostro controllo",
  leg: (leg, title) => `Tappa ${leg} · ${title}`,
  expected: "Prossime attese: toccare chi passa",
  nobody: "Nessuno è in arrivo in questo momento.",
  others: (n) => `Tutte le altre (${n})`,
  byNumber: "Numero",
  passed: "Passate",
  undo: "Annulla",
  lastWas: (number, time) => `${number} è passata alle ${time}`,
  minutes: (n) => (n < 1 ? "ora" : `${n} min`),
  allSent: "Tutto è arrivato",
  waiting: (n) =>
    `Nessun segnale: ${n === 1 ? "1 tocco è conservato" : `${n} tocchi sono conservati`} qui e parte da sé`,
  sending: "Invio…",
  signedOut: "L'accesso è terminato. Ciò che è conservato parte quando aprite di nuovo il vostro invito.",
  through: "arrivato",
  kept: "conservato",
  refused: (reason) => `non accettato: ${reason}`,
  by: (who) => `vista da ${who}`,
  unknown: (number) => `Non c'è nessun ${number} in questo tour.`,
  already: (number) => `${number} è già segnata.`,
  toCome: (n) => `${n} auto attese`,
  lastExpected: (number, early, late) => `l'ultima, ${number}, alle ${early}–${late}`,
  sweepAt: (early, late) => `la scopa alle ${early}–${late}`,
  sweepThrough: (time) => `la scopa è passata alle ${time}`,
  standDown: "Percorso libero, potete lasciare il posto. Grazie!",
  asOf: (age) => `dati di ${age} fa`,
  you: (name) => name,
};

export const marshalWords = words.language === "it" ? it : en;
