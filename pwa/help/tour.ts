/** The three things that a person should know on the first day. */

export interface TourStep {
  title: string;
  text: string;
  /** What it speaks of, where it is in view. */
  target: string;
}

/** @param hasKeyBar on a phone keys are told of by their bar */
export function tourSteps(hasKeyBar: boolean, paletteKeys: string): readonly TourStep[] {
  return [
    {
      title: 'Sessions go on without you',
      text: 'Close the tab, the lid or the browser: your programs go on, and you find them in the list of projects, on any device.',
      target: '[data-region="sidebar"], .brand button',
    },
    hasKeyBar
      ? {
          title: 'Keys that your keyboard lacks',
          text: 'Below a terminal: tap Ctrl once for one key, twice to hold it. The pen opens a line to write or dictate in. Press long on text to select it.',
          target: '[data-testid="key-bar"]',
        }
      : {
          title: 'One box finds everything',
          text: `${paletteKeys ? `${paletteKeys}, or a click here: s` : 'S'}essions, projects and whatever can be done. A terminal takes all other keys, and F6 leads out of it.`,
          target: '.title-bar .search',
        },
    {
      title: 'The bar below does not lie',
      text: 'It says how the connection is and what waits for it. If something seems wrong, Self-test in the box above tells what this browser lacks.',
      target: '[data-testid="status-bar"]',
    },
  ];
}
