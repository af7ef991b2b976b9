import { Page } from "./app/page";
import { words } from "./app/words";

document.documentElement.lang = words.language;
new Page().start();
