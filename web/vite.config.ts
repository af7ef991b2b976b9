import { defineConfig } from "vitest/config";

const WORKERS: Record<string, string> = { worker: "drive/worker.js", watch: "watch.js" };

const CORE =
  /src.(wire.(fold|frames|feed|msgpack|socket)|model.(clock|course|delay|field|motion|tracks|units|mercator|saying)|draw.(palette|roundel)|locales.en|app.(words|live|connection|expose|link|browser))\.ts$/;

export default defineConfig({
  base: "/",
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
        // Few files: on a bad line every one costs its turn. This one is what every page with a feed needs.
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: "core", test: CORE }] },
      },
    },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
