// Map, ladder and the best ground that the browser can carry: the picture of a page that is not in somebody's frame.
import { Ladder } from "../views/ladder";
import { layGround } from "./ground";
import { Picture, type PictureEvents } from "./picture";

export function wholePicture(events: PictureEvents): Picture {
  return new Picture(events, layGround, Ladder);
}
