// What tests and curious people may read of the page as `milepost` on its console: nothing here changes anything.

export function expose(functions: Record<string, () => unknown>, values: Record<string, () => unknown>): void {
  const hook = { ...functions };
  for (const [name, get] of Object.entries(values)) Object.defineProperty(hook, name, { get, enumerable: true });
  Object.assign(window, { milepost: hook });
}
