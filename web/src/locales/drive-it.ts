// Tutte le parole della pagina per chi guida, in italiano. Ciascuna va colta con uno sguardo.
import type { DriveCatalogue } from "./drive-en";

export const driveIt: DriveCatalogue = {
  language: "it",
  title: "Milepost",
  car: (number) => `Auto ${number}`,
  keepOpen: "Tenere aperta questa pagina.",
  seconds: (n) => `${n} s`,
  minutes: (n) => `${n} min`,
  hours: (n) => `${n} h`,
  dial: {
    start: { big: "Via", small: "diciamo al tour dove siamo" },
    cannot: { big: "–", small: "qui non c'è posizione" },
    searching: { big: "…", small: "cerca la posizione" },
    sending: { big: "…", small: "lo dice al tour" },
    keeping: { big: "…", small: "in attesa di segnale" },
    kept: { big: "…", small: "al sicuro sul telefono" },
    stop: { big: "Stop?", small: "toccare ancora per smettere" },
    since: "da quando il tour sa dove siete",
  },
  labels: ["Segnale", "GPS", "Da inviare", "Batteria"],
  signal: {
    idle: "non serve ancora",
    good: "buono",
    waiting: "per ora nessuno",
    offline: "per ora nessuno",
    refused: "link non valido",
  },
  gps: {
    off: "spento",
    denied: "non consentito",
    searching: "cerca il cielo",
    good: "buono",
    rough: (metres) => `incerto, ${metres} m`,
  },
  queue: (n) => (n === 0 ? "tutto inviato" : n === 1 ? "1 posizione" : `${n} posizioni`),
  battery: {
    unknown: "tenere in carica",
    charging: (percent) => `${percent} %, in carica`,
    low: (percent) => `${percent} %: in carica!`,
    enough: (percent) => `${percent} %, basta`,
  },
  screen: {
    off: "Con un'altra app, o lo schermo spento, non parte nulla.",
    on: "Lo schermo resta acceso da solo. Con un'altra app non parte nulla.",
    refused: "Questo telefono spegne lo schermo. Imposti che resti acceso, e spenga il risparmio energetico.",
  },
  notice: {
    denied:
      "Questa pagina non può vedere dove siete. Consenta la posizione nelle impostazioni del browser, poi ricarichi.",
    refused: "Il tour non conosce questo link, o non più. Chieda un nuovo cartellino. Quanto è in attesa è al sicuro.",
    cannotKeep:
      "Questo browser non conserva nulla, quindi nulla può partire. Apra il link in una finestra normale, e guardi se il telefono è pieno.",
    insecure: "I telefoni non danno la posizione a una pagina senza https. Chieda il link che comincia con https.",
  },
  fine: "Tutto bene, solo una sosta",
  sos: "SOS",
  message: {
    waiting: { sos: "L'SOS aspetta il segnale e parte da solo", fine: "“Tutto bene” aspetta il segnale" },
    refused: {
      sos: "Con questo link l'SOS non arriva: telefoni agli organizzatori",
      fine: "Con questo link “Tutto bene” non arriva",
    },
    through: {
      sos: (time) => `Il tour ha il vostro SOS dalle ${time}`,
      fine: (time) => `Il tour sa dalle ${time} che va tutto bene`,
    },
  },
  ask: {
    title: "Inviare un SOS?",
    text: "Chiama la gente del tour da voi. In pericolo fare prima il 112: questa non è una chiamata d'emergenza.",
    yes: "Invia SOS",
    no: "Non ora",
  },
};
