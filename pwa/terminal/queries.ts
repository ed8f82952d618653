/** Keeps the terminal from answering queries: the server's screen is the only one who does, or a program would get every answer twice. */
import type { IDisposable, IParser } from '@xterm/xterm';

type Params = (number | number[])[];

/** `CSI Ps t` with these asks for a report; the others change something (and are switched off in xterm by default). */
const WINDOW_REPORTS = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);
const FOCUS_EVENTS_MODE = 1004;

/** Device attributes, status, requested modes, version. */
const CSI_QUERIES = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '>', final: 'q' },
  // Graphics attributes: answered by the add-on for images only.
  { prefix: '?', final: 'S' },
];
/** Palette, foreground, background, cursor colour. */
const OSC_COLOURS = [4, 10, 11, 12];
const OSC_CLIPBOARD = 52;
const OSC_ITERM = 1337;

export class QuerySilencer {
  #handlers: IDisposable[];
  #isMuted = false;

  constructor(parser: IParser) {
    const swallow = () => true;
    this.#handlers = [
      ...CSI_QUERIES.map((id) => parser.registerCsiHandler(id, swallow)),
      parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow),
      parser.registerCsiHandler({ final: 't' }, (params) => isWindowReport(params)),
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => this.#modesSet(params)),
      parser.registerOscHandler(OSC_ITERM, (data) => this.#iterm(data)),
      parser.registerOscHandler(OSC_CLIPBOARD, (data) => data.endsWith(';?')),
      ...OSC_COLOURS.map((id) => parser.registerOscHandler(id, (data) => this.#colours(id, data))),
    ];
  }

  /** True while what the terminal emits is an answer of the parser, not an act of the person. */
  get isMuted(): boolean {
    return this.#isMuted;
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose();
  }

  /** Answered by the add-on for images, within this task, whoever else has taken it. */
  #iterm(data: string): boolean {
    if (data.startsWith('ReportCellSize')) this.#muteThisTask();
    return false;
  }

  /** Setting colours goes on working; a string that both sets and asks is carried out with its answer dropped. */
  #colours(id: number, data: string): boolean {
    const slots = data.split(';').filter((_, i) => id !== 4 || i % 2 === 1);
    if (!slots.includes('?')) return false;
    if (slots.every((slot) => slot === '?')) return true;
    this.#muteThisTask();
    return false;
  }

  /** Switching focus events on makes xterm report the focus at once; only real changes are the person's. */
  #modesSet(params: Params): boolean {
    if (params.includes(FOCUS_EVENTS_MODE)) this.#muteThisTask();
    return false;
  }

  /** The parser emits within the running task, and no key or mouse event can come between. */
  #muteThisTask(): void {
    this.#isMuted = true;
    queueMicrotask(() => (this.#isMuted = false));
  }
}

/** What the add-on for images says of one of kitty's, once it is decoded; no key sends such a string. */
export function isImageAnswer(data: string | Uint8Array): boolean {
  return typeof data === 'string' && data.startsWith('\x1b_G');
}

function isWindowReport(params: Params): boolean {
  return typeof params[0] === 'number' && WINDOW_REPORTS.has(params[0]);
}
