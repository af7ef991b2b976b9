import { Page } from "./app/page";

new Page().start();
