/**
 * The pipe on which a launcher hands over secrets and by which a child learns that its launcher is gone.
 * Secrets come this way because a process's environment can be read by anyone with the same uid for as long as it lives.
 */
import { Socket } from 'node:net';

export interface Lifeline {
  secrets: Record<string, unknown>;
  /** Called once when the launcher closes its end or dies. */
  onGone(run: () => void): void;
  close(): void;
}

/** Reads the one JSON line of secrets from descriptor `fd`; rejects when the pipe ends before it. */
export function openLifeline(fd: number): Promise<Lifeline> {
  const pipe = new Socket({ fd, readable: true, writable: false });
  let text = '';
  let isGone = false;
  const listeners: (() => void)[] = [];
  const gone = () => {
    isGone = true;
    for (const run of listeners.splice(0)) run();
  };
  return new Promise((resolve, reject) => {
    pipe.setEncoding('utf8');
    pipe.on('error', gone);
    pipe.on('close', () => {
      gone();
      reject(new Error('the launcher closed the pipe before it handed over the secrets'));
    });
    pipe.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      pipe.removeAllListeners('data');
      pipe.resume();
      const lifeline: Lifeline = {
        secrets: JSON.parse(text.slice(0, end)) as Record<string, unknown>,
        onGone: (run) => (isGone ? run() : listeners.push(run)),
        close: () => {
          listeners.length = 0;
          pipe.destroy();
        },
      };
      text = '';
      // Once the secrets are in, the pipe alone must not keep the process alive.
      pipe.unref();
      resolve(lifeline);
    });
  });
}
