import { defineConfig } from "vitest/config";

const WORKERS: Record<string, string> = { worker: "drive/worker.js", watch: "watch.js" };

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
      output: { entryFileNames: (chunk) => WORKERS[chunk.name] ?? "assets/[name]-[hash].js" },
    },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
