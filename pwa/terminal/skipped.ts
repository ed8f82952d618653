/** How much output a snapshot stands for, in words. */
export function skippedText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes skipped`;
  const kilo = bytes / 1024;
  if (kilo < 1024) return `${Math.round(kilo)} kB skipped`;
  return `${(kilo / 1024).toFixed(1)} MB skipped`;
}
