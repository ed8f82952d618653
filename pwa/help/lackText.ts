/** What is told of what a browser lacks: why, and what follows from it for the person's work. */
import type { Lack } from '../ui/lacks.ts';

export interface LackText {
  /** In the status bar. */
  short: string;
  sentence: string;
}

const GOES_ON = 'Terminals work, and your sessions go on';

const TEXTS: Record<Lack, LackText> = {
  storage: {
    short: 'keeps nothing',
    sentence: `This browser lets Holdfast keep nothing: the window may be private, or its settings forbid site data. ${GOES_ON}; tabs, drafts and last screens are forgotten with the window.`,
  },
  room: {
    short: 'no room left',
    sentence: `This browser has no room left for Holdfast, so what is new is not kept over a reload. ${GOES_ON}. Free some space on the disk, or remove other pages’ data.`,
  },
  damaged: {
    short: 'kept data replaced',
    sentence:
      'What this browser had kept of Holdfast could not be read and was replaced. Nothing of your sessions is lost: the servers have them.',
  },
  worker: {
    short: 'needs the network',
    sentence:
      'Here Holdfast does not open without the network, because the browser gives this page no service worker: private windows have none, nor do addresses without https.',
  },
};

const ORDER: readonly Lack[] = ['storage', 'room', 'damaged', 'worker'];

/** The gravest first. */
export function lackTexts(lacks: ReadonlySet<Lack>): LackText[] {
  return ORDER.filter((lack) => lacks.has(lack)).map((lack) => TEXTS[lack]);
}
