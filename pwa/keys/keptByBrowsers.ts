/** What a browser tab keeps for itself; an installed window gets these, too. */
export const KEPT_BY_BROWSERS = new Set([
  ...['T', 'N', 'W', 'Tab'].flatMap((key) => [`Ctrl+${key}`, `Ctrl+Shift+${key}`]),
  ...['T', 'N', 'W'].flatMap((key) => [`Meta+${key}`, `Shift+Meta+${key}`]),
  ...['Ctrl+PageDown', 'Ctrl+PageUp'],
]);
