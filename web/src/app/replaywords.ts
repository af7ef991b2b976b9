// The catalogue in use of the past.
import { replayCatalogues } from "../locales/replay";
import { chooseCatalogue } from "./language";

export const replayWords = chooseCatalogue(replayCatalogues);
