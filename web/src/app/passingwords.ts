// The catalogue in use of "When do they pass me?".
import { passingCatalogues } from "../locales/passing";
import { chooseCatalogue } from "./language";

export const passingWords = chooseCatalogue(passingCatalogues);
