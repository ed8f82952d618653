/**
 * xterm.js draws every row once more after each scroll, because a selection may have moved, and does so in a terminal that is
 * hidden, too, where each sign is measured anew each time. Where nothing was selected and nothing is, that is spared.
 */
import type { Terminal } from '@xterm/xterm';

type Place = [x: number, y: number] | undefined;
type Redraw = (start: Place, end: Place, isColumns: boolean) => void;

export function spareSelectionRedraws(terminal: Terminal): void {
  // Nothing that is public lies between the two; without it everything is drawn as before.
  const { _core: core } = terminal as unknown as { _core?: { _renderService?: { handleSelectionChanged?: Redraw } } };
  const service = core?._renderService;
  if (service?.handleSelectionChanged)
    service.handleSelectionChanged = sparing(service.handleSelectionChanged.bind(service));
}

/** Passes on what selects something, and what ends that. */
export function sparing(redraw: Redraw): Redraw {
  let wasEmpty = false;
  return (start, end, isColumns) => {
    const isEmpty = !start || !end || (start[0] === end[0] && start[1] === end[1]);
    if (!(isEmpty && wasEmpty)) redraw(start, end, isColumns);
    wasEmpty = isEmpty;
  };
}
