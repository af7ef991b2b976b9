import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const WORKERS: Record<string, string> = { worker: "drive/worker.js", watch: "watch.js" };

/** Which pages need a module at once. */
function pagesOf(id: string, importersOf: (id: string) => readonly string[]): Set<string> {
  const seen = new Set([id]);
  for (const each of seen) for (const importer of importersOf(each)) seen.add(importer);
  return new Set([...seen].flatMap((each) => /(\w+)\.html$/.exec(each)?.[1] ?? []));
}

/** The shared file that a module goes into; null = as it comes. */
function sharedFile(id: string, importersOf: (id: string) => readonly string[]): string | null {
  const pages = pagesOf(id, importersOf);
  if (pages.has("drive") || !pages.has("index")) return null;
  if (pages.has("arrivals") || pages.has("marshal")) return "core";
  if (pages.has("embed")) return "map";
  return pages.has("crew") ? "field" : null;
}

const LINKED_STYLE = /<link rel="stylesheet"[^>]* href="\/(assets\/[^"]+\.css)">/g;
const AT_THE_ROADSIDE = new Set(["index.html", "embed.html"]); // what a first visit on one bar of signal asks for

/** Writes the styles into the pages: scripts wait for them, and on a bad line every file costs its turn. */
function stylesInPages(): Plugin {
  return {
    name: "styles-in-pages",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      for (const page of Object.values(bundle)) {
        if (page.type !== "asset" || !AT_THE_ROADSIDE.has(page.fileName)) continue;
        page.source = String(page.source).replace(LINKED_STYLE, (link, name: string) => {
          const style = bundle[name];
          return style?.type === "asset" ? `<style>${String(style.source).trim()}</style>` : link;
        });
      }
    },
  };
}

export default defineConfig({
  base: "/",
  plugins: [stylesInPages()],
  build: {
    outDir: "../tracker/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: "index.html",
        embed: "embed.html",
        arrivals: "arrivals.html",
        crew: "crew.html",
        marshal: "marshal.html",
        drive: "drive.html",
        organise: "organise.html",
        worker: "src/drive/worker.ts",
        watch: "src/watch/worker.ts",
      },
      // A service worker's address is for ever, and its folder is what it may serve.
      output: {
        entryFileNames: (chunk) => WORKERS[chunk.name] ?? "assets/[name]-[hash].js",
        // Few files: on a bad line every one costs its turn. `core` is what every page with a feed needs, `map` what
        // every one with a map, `field` the list and the ladder.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            {
              name: (id, graph) => sharedFile(id, (of) => graph.getModuleInfo(of)?.importers ?? []),
              test: /\.ts$|preload-helper/,
            },
          ],
        },
      },
    },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
