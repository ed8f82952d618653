/**
 * Areas beside each other, by dockview. It is given no content: each session has a slot here, an empty element that moves with its
 * area, and whoever owns the terminals puts them in. So a terminal is never made anew because it moved.
 */
import { createDockview, type DockviewApi, type DockviewGroupPanel, type IDockviewPanel } from 'dockview';
import 'dockview/dist/styles/dockview.css';
import './dock.css';
import { dockTab } from './dockTab.ts';
import type { Direction, DockLayout } from './paneLayout.ts';
import { draggedSession, isSessionDrag } from './sessionDrag.ts';

export interface DockEvents {
  /** Where the terminal of this session belongs now; null: nowhere any more. */
  slot(id: string, element: HTMLElement | null): void;
  /** The sessions that are in front of their areas. */
  visible(ids: ReadonlySet<string>): void;
  /** The person went to another area or tab. */
  activated(id: string): void;
  /** The person closed a tab. */
  closed(id: string): void;
  /** To be kept. */
  changed(layout: DockLayout): void;
}

export interface DockPanel {
  id: string;
  title: string;
}

export interface DockStart {
  layout: DockLayout | null;
  panels: readonly DockPanel[];
  /** The session that is in front of the window. */
  active: string | null;
}

/** dockview's own words for where a panel goes beside another, and within the area of one. */
const BESIDE = { left: 'left', right: 'right', up: 'above', down: 'below' } as const;
const SIDES = { left: 'left', right: 'right', up: 'top', down: 'bottom' } as const;

export class Dock {
  #api: DockviewApi;
  #events: DockEvents;
  /** What we do ourselves is nothing that the person did. */
  #isOwnAct = false;
  #next: Direction | null = null;
  #rooms = new ResizeObserver(() => this.#revealTabs());

  constructor(host: HTMLElement, { layout, panels, active }: DockStart, events: DockEvents) {
    this.#events = events;
    this.#api = createDockview(host, {
      createComponent: ({ id }) => this.#slot(id),
      createTabComponent: ({ id }) => dockTab(() => events.closed(id)),
      defaultTabComponent: 'session',
      theme: { name: 'holdfast', className: 'dock', gap: 1, dndPanelOverlay: 'group', tabAnimation: 'default' },
      defaultRenderer: 'always',
      disableFloatingGroups: true,
      singleTabMode: 'default',
      // Keys are the keymap's, menus ours.
      keyboardNavigation: false,
      getTabContextMenuItems: () => [],
    });
    this.#quietly(() => this.#load(layout));
    this.#take(panels);
    if (active) this.activate(active);
    this.#api.onUnhandledDragOver((event) => {
      if (isSessionDrag(event.nativeEvent)) event.accept();
    });
    this.#api.onDidDrop(({ nativeEvent, group, position }) => {
      const panel = this.#panel(draggedSession(nativeEvent));
      if (panel && group) panel.api.moveTo({ group, position });
    });
    // Quietly, because whoever begins to listen is told of the last change again.
    this.#quietly(() =>
      this.#api.onDidActivePanelChange(({ panel }) => {
        if (panel && !this.#isOwnAct) events.activated(panel.id);
      }),
    );
    this.#api.onDidRemovePanel(({ id }) => events.slot(id, null));
    // A tab that is pressed, also to be dragged, has the focus then: it is for the terminal.
    this.#api.onDidMovePanel(() => !this.#isOwnAct && this.#stay());
    for (const type of ['pointerup', 'dragend'] as const)
      host.addEventListener(type, ({ target }) => {
        if ((target as Element).closest('.dv-tabs-and-actions-container')) this.#stay();
      });
    this.#api.onDidLayoutChange(() => this.#changed());
    this.#api.onDidMaximizedGroupChange(() => this.#changed());
    this.#changed();
  }

  /** Sessions that were opened, closed or renamed; most often none was, because programs change their titles all the time. */
  sync(panels: readonly DockPanel[], active: string | null): void {
    const isSame =
      panels.length === this.#api.totalPanels && panels.every(({ id, title }) => this.#panel(id)?.title === title);
    if (isSame) return;
    this.#take(panels);
    if (active) this.activate(active); // what was closed or opened elsewhere has brought another area to the front
    this.#changed();
  }

  activate(id: string): void {
    const panel = this.#panel(id);
    if (panel && !(panel.api.isActive && panel.api.isVisible)) this.#quietly(() => panel.api.setActive());
  }

  /** The next session that is opened goes beside the one in front. */
  placeNext(direction: Direction | null): void {
    this.#next = direction;
  }

  /** Takes a session out of its area, into one beside it. */
  move(id: string, direction: Direction): void {
    const panel = this.#panel(id);
    if (!panel || this.isAlone(id)) return;
    panel.api.moveTo({ group: panel.group, position: SIDES[direction] });
  }

  /** The area of this session fills the dock, or has its place again. */
  zoom(id: string): void {
    const panel = this.#panel(id);
    if (this.#api.hasMaximizedGroup()) this.#api.exitMaximizedGroup();
    else if (panel) this.#api.maximizeGroup(panel);
  }

  /** The session in front of the area beside this one's; null at the edge. */
  neighbour(id: string, direction: Direction): string | null {
    const panel = this.#panel(id);
    const group = panel && this.#api.adjacentGroupInDirection(panel.group, direction);
    return (group as DockviewGroupPanel | undefined)?.activePanel?.id ?? null;
  }

  /** What takes over when this session is closed: its neighbour in its area, or else what the area beside that shows. */
  heir(id: string): string | null {
    const panel = this.#panel(id);
    if (!panel) return null;
    const { panels } = panel.group;
    const at = panels.indexOf(panel);
    const beside = panels[at + 1] ?? panels[at - 1];
    if (beside) return beside.id;
    const found = (['left', 'up', 'right', 'down'] as const).map((direction) => this.neighbour(id, direction));
    return found.find((other) => other !== null) ?? null;
  }

  /** Everything in one area again. */
  join(): void {
    const front = this.#api.activePanel;
    const [first, ...others] = this.#api.groups;
    this.#quietly(() => {
      for (const group of others) {
        for (const panel of [...group.panels]) panel.api.moveTo({ group: first! });
      }
      front?.api.setActive();
    });
    this.#stay();
  }

  /** It has its area for itself: there is nothing beside which it could be moved. */
  isAlone(id: string): boolean {
    return (this.#panel(id)?.group.panels.length ?? 0) < 2;
  }

  dispose(): void {
    this.#isOwnAct = true;
    this.#rooms.disconnect();
    this.#api.dispose();
  }

  #load(layout: DockLayout | null): void {
    if (!layout) return;
    try {
      this.#api.fromJSON(layout as unknown as ReturnType<DockviewApi['toJSON']>);
    } catch {
      this.#api.clear(); // of another release, or broken: one area is as good a start
    }
  }

  #take(panels: readonly DockPanel[]): void {
    this.#quietly(() => {
      const wanted = new Set(panels.map(({ id }) => id));
      for (const panel of this.#api.panels) if (!wanted.has(panel.id)) this.#api.removePanel(panel);
      for (const { id, title } of panels) {
        const panel = this.#panel(id);
        if (!panel) this.#add(id, title);
        else if (panel.title !== title) panel.api.setTitle(title);
      }
    });
  }

  #add(id: string, title: string): void {
    const reference = this.#api.activePanel;
    const direction = this.#next && BESIDE[this.#next];
    this.#next = null;
    this.#api.addPanel({
      id,
      title,
      component: 'session',
      ...(reference && direction ? { position: { referencePanel: reference, direction } } : {}),
    });
  }

  #slot(id: string) {
    const element = document.createElement('div');
    element.className = 'dock-slot';
    this.#events.slot(id, element);
    return { element, init: () => undefined };
  }

  /** The person is where they were, and the keyboard with them. */
  #stay(): void {
    if (this.#api.activePanel) this.#events.activated(this.#api.activePanel.id);
  }

  #panel(id: string | null): IDockviewPanel | undefined {
    return id === null ? undefined : this.#api.getPanel(id);
  }

  #changed(): void {
    // One area alone needs no tabs of its own: the title bar has them.
    const isAlone = this.#api.groups.length === 1;
    for (const group of this.#api.groups) if (group.header.hidden !== isAlone) group.header.hidden = isAlone;
    // In front of its area, and the area not behind a zoomed one.
    const isZoomed = this.#api.hasMaximizedGroup();
    const inFront = this.#api.panels.filter(({ api }) => api.isVisible && (!isZoomed || api.isMaximized()));
    requestAnimationFrame(this.#revealTabs);
    this.#events.visible(new Set(inFront.map(({ id }) => id)));
    this.#events.changed(this.#api.toJSON() as unknown as DockLayout);
  }

  /** In an area with more tabs than room, the one that is shown; also when there is less room than before. */
  #revealTabs = (): void => {
    for (const { element } of this.#api.groups) {
      const tabs = element.querySelector('.dv-tabs-container');
      if (!tabs) continue;
      this.#rooms.observe(tabs);
      tabs.querySelector('.dv-active-tab')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  };

  #quietly(act: () => void): void {
    const before = this.#isOwnAct;
    this.#isOwnAct = true;
    try {
      act();
    } finally {
      this.#isOwnAct = before;
    }
  }
}
