// The plain picture: the built-in base map on a 2D canvas. Needs no WebGL and is up first.
import { beginDrawing, type Surface } from "../draw/canvas";
import type { Palette } from "../draw/palette";
import { widthOf } from "../draw/text";
import { mercatorX, mercatorY } from "../model/mercator";
import { type BaseMap, eachVertex, type Town } from "./basemap";
import { type Camera, screenX, screenY, zoomOf } from "./camera";
import type { Obstacles } from "./obstacles";
import { LocalUnits } from "./paths";
import { growth, LARGE_TOWN_FONT, LARGE_TOWN_RANK, PAINTS, TOWN_FONT } from "./style";

interface Layer {
  layer: string;
  kind: string;
  zoom: number;
  path: Path2D;
}

interface PlacedTown extends Town {
  x: number;
  y: number;
}

export class PlainPicture {
  private layers: Layer[] = [];
  private towns: PlacedTown[] = [];
  private units: LocalUnits | null = null;

  add(map: BaseMap): void {
    for (const shape of map.shapes) {
      const path = new Path2D();
      for (const line of shape.lines) {
        eachVertex(line, (lon, lat, first) => {
          const mx = mercatorX(lon);
          const my = mercatorY(lat);
          this.units ??= new LocalUnits(mx, my);
          if (first) path.moveTo(this.units.x(mx), this.units.y(my));
          else path.lineTo(this.units.x(mx), this.units.y(my));
        });
        if (shape.area) path.closePath();
      }
      this.layers.push({ layer: shape.layer, kind: shape.kind, zoom: shape.zoom, path });
    }
    this.towns.push(...map.towns.map((t) => ({ ...t, x: mercatorX(t.lon), y: mercatorY(t.lat) })));
    this.towns.sort((a, b) => a.rank - b.rank);
  }

  /** Draws land, water and roads; returns false before the base map is there. */
  draw(surface: Surface, camera: Camera, palette: Palette): void {
    const context = beginDrawing(surface);
    context.fillStyle = this.units ? palette.sea : palette.land;
    context.fillRect(0, 0, surface.width, surface.height);
    if (!this.units) return;
    const zoom = zoomOf(camera);
    const pixel = this.units.apply(surface, camera);
    context.lineJoin = "round";
    for (const paint of PAINTS) {
      for (const layer of this.layers) {
        if (layer.layer !== paint.layer || zoom < layer.zoom - 0.5) continue;
        if (paint.kind !== null && layer.kind !== paint.kind) continue;
        if (paint.width === null) {
          context.fillStyle = palette[paint.token];
          context.fill(layer.path, "evenodd");
        } else {
          context.strokeStyle = palette[paint.token];
          context.lineWidth = paint.width * growth(zoom) * pixel;
          context.setLineDash(paint.dash ? paint.dash.map((d) => d * pixel) : []);
          context.stroke(layer.path);
        }
      }
    }
    context.setLineDash([]);
  }

  /** Names of towns wherever there is room for them; `named` are on the picture already, as checkpoints. */
  drawTowns(
    surface: Surface,
    camera: Camera,
    palette: Palette,
    obstacles: Obstacles,
    named: ReadonlySet<string>,
  ): void {
    const { context, ratio } = surface;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = palette.land;
    const zoom = zoomOf(camera);
    for (const town of this.towns) {
      if (zoom < town.zoom - 0.4 || named.has(town.name)) continue;
      const x = screenX(camera, town.x);
      const y = screenY(camera, town.y);
      if (x < 4 || y < 8 || y > surface.height - 8) continue;
      const font = town.rank <= LARGE_TOWN_RANK ? LARGE_TOWN_FONT : TOWN_FONT;
      const width = widthOf(context, font, town.name) + 8;
      if (x + width > surface.width) continue;
      const rect = { x: x - 4, y: y - 8, width: width + 6, height: 16 };
      if (obstacles.hits(rect) > 0) continue;
      obstacles.addRect(rect);
      context.font = font;
      context.fillStyle = palette.muted;
      context.beginPath();
      context.arc(x, y, 2, 0, 2 * Math.PI);
      context.fill();
      context.strokeText(town.name, x + 6, y);
      context.fillText(town.name, x + 6, y);
    }
  }
}
