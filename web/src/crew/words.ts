// The crews' catalogue in the page's language.
import { words } from "../app/words";
import { crewEn } from "./locales/en";
import { crewIt } from "./locales/it";

export const crewWords = words.language === "it" ? crewIt : crewEn;
