/** Which builds are in use: each window holds a shared lock with its build's name, until it is gone, however it goes. */
import { BUILD_LOCK } from './messages.ts';

/** Its entry script's path, which changes with every build. */
function ownName(): string | null {
  const entry = document.querySelector<HTMLScriptElement>('script[type=module][src]');
  return entry && BUILD_LOCK + new URL(entry.src).pathname;
}

export function holdBuildLock(): void {
  const name = ownName();
  if (!name || !('locks' in navigator)) return;
  // Denied with the storage, where no worker counts it either.
  navigator.locks.request(name, { mode: 'shared' }, () => new Promise(() => {})).catch(() => undefined);
}

/** Calls `gone` when the last window of another build is gone, for each build that is in use now. */
export async function afterOtherBuilds(gone: () => void): Promise<void> {
  if (!('locks' in navigator)) return;
  const { held = [] } = await navigator.locks.query();
  const own = ownName();
  const others = new Set(held.map(({ name }) => name ?? '').filter((name) => name.startsWith(BUILD_LOCK)));
  for (const name of others) if (name !== own) void navigator.locks.request(name, gone);
}
