// Fails when the script that the page needs before the map library is larger than its budget.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const BUDGET_BYTES = 45 * 1024;
const root = join(dirname(fileURLToPath(import.meta.url)), "../../tracker/static");
let html;
try {
  html = readFileSync(join(root, "index.html"), "utf8");
} catch {
  console.error("size: the page is not built yet: run `npm run build`");
  process.exit(2);
}

// The scripts that index.html names and whatever they import at once; lazy parts come as import("...").
const wanted = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="\/(assets\/[^"]+\.m?js)"/g)].map((m) => m[1]);
const seen = new Set();
let total = 0;
while (wanted.length > 0) {
  const file = wanted.pop();
  if (seen.has(file)) continue;
  seen.add(file);
  const code = readFileSync(join(root, file), "utf8");
  const bytes = brotliCompressSync(code).length;
  total += bytes;
  console.log(`${String(bytes).padStart(7)} bytes brotli  ${file}`);
  for (const m of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.m?js)["']/g)) wanted.push(`assets/${m[1]}`);
}
console.log(`${String(total).padStart(7)} bytes brotli before the map library; the budget is ${BUDGET_BYTES}`);
if (seen.size === 0 || total > BUDGET_BYTES) {
  console.error(seen.size === 0 ? "size: index.html names no script" : "size: over budget");
  process.exit(1);
}
