/** A lock that is held until it is given up; it ends with its window, however that ends. */

/** @returns gives it up, also when it was not granted yet */
export function holdLock(locks: Pick<LockManager, 'request'> | undefined, name: string): () => void {
  const asking = new AbortController();
  let release = () => {};
  const given = new Promise<void>((resolve) => (release = resolve));
  const options = { mode: 'shared', signal: asking.signal } as const;
  // Given up before it was granted it rejects, and is then nobody's.
  locks?.request(name, options, () => given).catch(() => undefined);
  return () => {
    release();
    asking.abort();
  };
}
