/** Runs `work` when asked; asked again while it runs, it runs once more afterwards, however often it was asked. */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let isWanted = false;

  async function loop() {
    do {
      isWanted = false;
      await work();
    } while (isWanted);
  }

  return () => {
    isWanted = true;
    running ??= loop().finally(() => (running = null));
    return running;
  };
}
