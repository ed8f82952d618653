/** What the person is asked before a session is in the terminal: which one, and for a token. */
import type { Session } from '../../protocol/sessions.ts';
import { keysIn, type Key } from './keyboard.ts';
import type { LocalTerminal } from './localTerminal.ts';
import { newPicker, picture, press } from './picker.ts';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A session, `new` for one that is to be opened, or undefined when the person left. */
export async function pick(
  terminal: LocalTerminal,
  sessions: Session[],
  projectNames: ReadonlyMap<string, string>,
): Promise<Session | 'new' | undefined> {
  let state = newPicker(sessions, projectNames, Date.now());
  let shownLines = 0;
  const clear = () => (shownLines > 0 ? `\x1b[${shownLines}A\r\x1b[J` : '');
  const show = () => {
    const lines = picture(state, terminal.size);
    void terminal.write(`\x1b[?25l${clear()}${lines.map((line) => `${line}\r\n`).join('')}`);
    shownLines = lines.length;
  };
  const stopResizing = terminal.onResize(show);
  try {
    return await typing(terminal, {
      begin: show,
      restoring: () => `${clear()}\x1b[?25h`,
      onKey(key) {
        const next = press(state, key);
        if (next === 'left') return { result: undefined };
        if ('chosen' in next) return { result: next.chosen.session ?? ('new' as const) };
        state = next;
        show();
        return undefined;
      },
    });
  } finally {
    stopResizing();
  }
}

/** A line that is not shown; undefined when the person left. */
export async function askHidden(terminal: LocalTerminal, question: string): Promise<string | undefined> {
  let line = '';
  return typing(terminal, {
    begin: () => void terminal.write(question),
    restoring: () => '\r\n',
    onKey(key) {
      if (key === 'interrupt' || key === 'escape') return { result: undefined };
      if (key === 'enter') return { result: line };
      if (key === 'backspace') line = line.slice(0, -1);
      else if (typeof key === 'object') line += key.char;
      return undefined;
    },
  });
}

interface Typing<Result> {
  /** Shows the question; in raw mode already, so that nothing typed at once is echoed. */
  begin: () => void;
  restoring: () => string;
  onKey: (key: Key) => { result: Result } | undefined;
}

/** Reads keys in raw mode until one of them has a result; every way out makes the terminal cooked again. */
async function typing<Result>(
  terminal: LocalTerminal,
  { begin, restoring, onKey }: Typing<Result>,
): Promise<Result | undefined> {
  const leaveNow = () => terminal.leaveNow(restoring());
  const end = (_name: string, signal: number) => process.exit(128 + signal);
  process.once('exit', leaveNow);
  for (const signal of ENDING_SIGNALS) process.once(signal, end);
  let stopTyping: () => void = () => undefined;
  const result = await new Promise<Result | undefined>((resolve) => {
    terminal.onGone(() => resolve(undefined));
    stopTyping = terminal.onTyped((bytes) => {
      for (const key of keysIn(bytes)) {
        const done = onKey(key);
        if (done) return resolve(done.result);
      }
    });
    terminal.enterRaw();
    begin();
  });
  stopTyping();
  process.off('exit', leaveNow);
  for (const signal of ENDING_SIGNALS) process.off(signal, end);
  await terminal.leave(restoring());
  return result;
}
