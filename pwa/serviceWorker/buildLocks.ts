/** Which builds are in use: each window holds shared locks with its build's names, until it is gone, however it goes. */
import { BUILD_LOCK } from './messages.ts';

/** Paths of each script that the page itself names: one that many builds share (the framework's) says nothing, all of them do. */
export function ownScripts(): string[] {
  const scripts = [...document.querySelectorAll<HTMLScriptElement>('script[type=module][src]')];
  return scripts.map(({ src }) => new URL(src).pathname);
}

const ownNames = () => ownScripts().map((path) => BUILD_LOCK + path);

export function holdBuildLock(): void {
  if (!('locks' in navigator)) return;
  for (const name of ownNames()) {
    // Denied with the storage, where no worker counts it either.
    navigator.locks.request(name, { mode: 'shared' }, () => new Promise(() => {})).catch(() => undefined);
  }
}

/** Calls `gone` when the last window of another build is gone, for each build that is in use now. */
export async function afterOtherBuilds(gone: () => void): Promise<void> {
  if (!('locks' in navigator)) return;
  const { held = [] } = await navigator.locks.query();
  const names = new Set(held.map(({ name }) => name ?? '').filter((name) => name.startsWith(BUILD_LOCK)));
  for (const own of ownNames()) names.delete(own);
  for (const name of names) navigator.locks.request(name, gone).catch(() => undefined);
}
