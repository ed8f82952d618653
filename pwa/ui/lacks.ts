/** What this browser does not give the app, noted where it is met. Without Vue, because the service worker meets some of it, too. */

export type Lack =
  /** It lets the page keep nothing. */
  | 'storage'
  /** It has no more room for this page. */
  | 'room'
  /** What was kept could not be read, and was replaced. */
  | 'damaged'
  /** Without a service worker nothing opens without the network. */
  | 'worker';

const found = new Set<Lack>();
let tell: (lacks: ReadonlySet<Lack>) => void = () => {};

export function noteLack(lack: Lack, isLacking = true): void {
  if (found.has(lack) === isLacking) return;
  if (isLacking) found.add(lack);
  else found.delete(lack);
  tell(new Set(found));
}

/** For the one who shows them: called at once, and whenever they have changed. */
export function onLacks(listener: (lacks: ReadonlySet<Lack>) => void): void {
  tell = listener;
  tell(new Set(found));
}
