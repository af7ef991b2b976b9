// The past: the words of it, in every language.

const en = {
  language: "en",
  open: "Replay",
  openLeg: "Replay of this leg",
  sign: (speed: number) => `REPLAY ×${speed}`,
  paused: "REPLAY, paused",
  help: "This is how it was, not how it is now",
  time: (day: string, time: string) => `${day} ${time} at the tour`,
  play: "Play",
  pause: "Pause",
  speed: "Speed",
  moment: "Moment of the leg",
  copy: "Copy link to this moment",
  live: "Back to live",
  loading: "Fetching this stretch…",
  nothing: "There is no past of this leg yet.",
  trails: {
    label: "Trails",
    chip: "Trail",
    off: "No trails",
    last: (minutes: number) => `Trails of ${minutes} min`,
    whole: "Trails of the whole leg",
  },
};

export type ReplayCatalogue = typeof en;

const it: ReplayCatalogue = {
  language: "it",
  open: "Rivedi",
  openLeg: "Rivedi questa tappa",
  sign: (speed) => `REPLAY ×${speed}`,
  paused: "REPLAY, in pausa",
  help: "Così era allora, non è la situazione di adesso",
  time: (day, time) => `${day} ${time} ora del tour`,
  play: "Avvia",
  pause: "Pausa",
  speed: "Velocità",
  moment: "Momento della tappa",
  copy: "Copia il link a questo momento",
  live: "Torna alla diretta",
  loading: "Carico questo tratto…",
  nothing: "Di questa tappa non c'è ancora niente da rivedere.",
  trails: {
    label: "Tracce",
    chip: "Traccia",
    off: "Senza tracce",
    last: (minutes) => `Tracce di ${minutes} min`,
    whole: "Tracce di tutta la tappa",
  },
};

export const replayCatalogues: readonly ReplayCatalogue[] = [en, it];
