/** Follows a link out of a terminal: only with Ctrl or Cmd held, only to the web, and without handing over our window. */
export function openLink(event: MouseEvent, uri: string): void {
  if (!event.ctrlKey && !event.metaKey) return;
  const { protocol } = new URL(uri);
  if (protocol === 'http:' || protocol === 'https:') window.open(uri, '_blank', 'noopener,noreferrer');
}
