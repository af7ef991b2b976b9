// Fails when the script that a page needs at once (the dashboard: before the map library) is larger than its budget.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const KIB = 1024;
const BUDGETS_BYTES = {
  "index.html": 45 * KIB,
  "embed.html": 25 * KIB,
  "arrivals.html": 25 * KIB,
  "crew.html": 60 * KIB,
  "marshal.html": 25 * KIB,
  "drive.html": 15 * KIB,
  "organise.html": 40 * KIB,
};
const root = join(dirname(fileURLToPath(import.meta.url)), "../../tracker/static");

let failed = false;
for (const [page, budget] of Object.entries(BUDGETS_BYTES)) {
  const scripts = scriptsOf(read(page));
  const total = scripts.reduce((sum, [, bytes]) => sum + bytes, 0);
  for (const [file, bytes] of scripts) console.log(`${String(bytes).padStart(7)} bytes brotli  ${file}`);
  console.log(`${String(total).padStart(7)} bytes brotli for ${page}; the budget is ${budget}`);
  if (scripts.length === 0 || total > budget) {
    console.error(scripts.length === 0 ? `size: ${page} names no script` : `size: ${page} is over its budget`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);

/** The scripts that a page names and whatever they import at once, with their sizes; lazy parts come as import("..."). */
function scriptsOf(html) {
  const wanted = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="\/(assets\/[^"]+\.m?js)"/g)].map((m) => m[1]);
  const sizes = new Map();
  while (wanted.length > 0) {
    const file = wanted.pop();
    if (sizes.has(file)) continue;
    const code = read(file);
    sizes.set(file, brotliCompressSync(code).length);
    for (const m of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.m?js)["']/g)) wanted.push(`assets/${m[1]}`);
  }
  return [...sizes];
}

function read(file) {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    console.error(`size: there is no ${file}: run \`npm run build\``);
    process.exit(2);
  }
}
