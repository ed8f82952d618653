/** Where links in a terminal lead, and who may follow them: only to the web, knowingly, and without handing over our window. */

export interface Link {
  /** The real target, written so that it can be read. */
  target: string;
  /** The text shown for it names another site. */
  isMisleading: boolean;
}

/** Null for what must not be followed: `javascript:`, `file:`, and what is no address. */
export function linkOf(uri: string, shownText = ''): Link | null {
  const url = parse(uri);
  if (!url) return null;
  return { target: url.href, isMisleading: namesAnotherSite(shownText, url) };
}

/** With Ctrl or Cmd a link is followed, unless it hides where it leads; a plain click asks. */
export function followsAtOnce(event: Pick<MouseEvent, 'ctrlKey' | 'metaKey'>, link: Link): boolean {
  return (event.ctrlKey || event.metaKey) && !link.isMisleading;
}

export function openLink({ target }: Link): void {
  window.open(target, '_blank', 'noopener,noreferrer');
}

function parse(uri: string): URL | null {
  try {
    const url = new URL(uri);
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    return isWeb ? url : null;
  } catch {
    return null;
  }
}

/** `github.com` shown for `https://evil.example`, or for `https://github.com@evil.example`. A file's name may look like a site; then it asks once more. */
function namesAnotherSite(text: string, url: URL): boolean {
  if (url.username !== '' || url.password !== '') return true;
  const named = /^(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)(?=[/:?#\s]|$)/iu.exec(text.trim())?.[1];
  const host = named ? parse(`https://${named}`)?.hostname : undefined;
  return host !== undefined && url.hostname !== host && !url.hostname.endsWith(`.${host}`);
}
