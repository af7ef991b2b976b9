import { words } from "../app/words";
import { MarshalPage } from "./page";

document.documentElement.lang = words.language;
void new MarshalPage().start();
