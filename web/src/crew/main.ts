import { words } from "../app/words";
import { CrewPage } from "./page";

document.documentElement.lang = words.language;
void new CrewPage().start();
