/** What can be done with the panes of this window, from the keyboard and by name. */
import { nextTick } from 'vue';
import { offerActions, type Action } from '../ui/actions.ts';
import { openApart } from '../sessions/readOnly.ts';
import type { Direction } from './paneLayout.ts';
import { usePanes } from './usePanes.ts';

export interface PaneParts {
  workspace: { tabs: { value: { open: readonly string[]; active: string | null } }; close: (id: string) => void };
  /** A new session, in the current project, not yet shown; null when there is none. */
  open: () => Promise<string | null>;
  show: (id: string) => void;
  /** The window is wide enough for two. */
  isPossible: () => boolean;
}

const BESIDE: Record<Direction, string> = {
  right: 'on the right',
  down: 'below',
  left: 'on the left',
  up: 'above',
};

export function offerPaneActions({ workspace, open, show, isPossible }: PaneParts): void {
  const panes = usePanes();
  const active = () => workspace.tabs.value.active;
  const isSplit = () => panes.dock.value !== null && panes.isSplit.value;
  const canMove = () =>
    isPossible() && workspace.tabs.value.open.length > 1 && !(isSplit() && panes.dock.value!.isAlone(active()!));

  async function openBeside(direction: Direction) {
    const dock = await panes.withDock();
    const id = await open();
    if (!id) return;
    dock.placeNext(direction);
    show(id);
    await nextTick(); // until then the dock has not heard of it
    dock.placeNext(null); // it may have had a place already
  }

  const split = (direction: Direction): Action => ({
    id: `pane.split.${direction}`,
    title: `New session ${BESIDE[direction]}`,
    group: 'Window',
    isAvailable: () => isPossible() && active() !== null,
    run: () => void openBeside(direction),
  });
  const move = (direction: Direction): Action => ({
    id: `pane.move.${direction}`,
    title: `Move to a pane ${BESIDE[direction]}`,
    group: 'Window',
    isAvailable: canMove,
    run: () => void panes.withDock().then((dock) => dock.move(active()!, direction)),
  });
  const go = (direction: Direction): Action => ({
    id: `pane.go.${direction}`,
    title: `Go to the pane ${BESIDE[direction]}`,
    group: 'Window',
    isAvailable: isSplit,
    run() {
      const id = panes.dock.value!.neighbour(active()!, direction);
      if (id) show(id);
    },
  });
  const directions: Direction[] = ['right', 'down', 'left', 'up'];
  offerActions([
    split('right'),
    split('down'),
    ...directions.map(move),
    ...directions.map(go),
    {
      id: 'pane.zoom',
      title: 'Zoom the pane, or give it its place again',
      group: 'Window',
      isAvailable: isSplit,
      run: () => panes.dock.value!.zoom(active()!),
    },
    {
      id: 'pane.join',
      title: 'One pane for all',
      group: 'Window',
      isAvailable: isSplit,
      run: () => panes.dock.value!.join(),
    },
    {
      id: 'pane.apart',
      title: 'Move to a window of its own',
      group: 'Window',
      note: () => 'its session goes on',
      isAvailable: () => active() !== null,
      run() {
        const id = active()!;
        openApart(id, document.getElementById(`panel-${id}`)?.getBoundingClientRect() ?? { width: 900, height: 600 });
        workspace.close(id);
      },
    },
  ]);
}
