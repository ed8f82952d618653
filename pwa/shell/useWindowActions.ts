/** What can be done with the sessions, tabs, projects and parts of this window. */
import type { useWorkspace } from './useWorkspace.ts';
import { focusedTerminal } from '../terminal/keys.ts';
import type { PaneActions } from '../terminal/paneActions.ts';
import { offerActions, useActions, type Action } from '../ui/actions.ts';
import { painted } from '../ui/painted.ts';
import { moveRegion } from './regions.ts';
import { isAlive } from '../sessions/sessionText.ts';
import { useDialogs } from './useDialogs.ts';
import { usePutAway } from './usePutAway.ts';
import { apart } from '../ui/apart.ts';

export interface WindowParts {
  workspace: ReturnType<typeof useWorkspace>;
  /** A new session, in the current project where none is named. */
  open: (projectId?: string) => Promise<void>;
  /** Gives the focus to the tab that has become active. */
  showActive: () => void;
  toggleSidebar: () => void;
  showPalette: (mode: 'commands' | 'places') => void;
  /** The terminal in view. */
  pane: () => PaneCommands | null;
}

/** What a pane lets others do with it. */
export type PaneCommands = PaneActions & {
  focus(): void;
  find(): void;
  findNext(): void;
  findPrevious(): void;
  changeFontSize(delta: number): void;
};

export function offerWindowActions(parts: WindowParts): void {
  const actions = useActions();
  // They stay: of two windows' worth with the same names the later ones count.
  void painted
    .then(() => import('./laterActions.ts'))
    .then(({ addLaterActions }) => addLaterActions(actions, parts.workspace.active));
  offerActions([...sessionActions(parts), ...tabActions(parts), ...windowActions(parts), ...terminalActions(parts)]);
}

function sessionActions({ workspace, open }: WindowParts): Action[] {
  const { show } = useDialogs();
  const putAway = usePutAway();
  const { active, activeProject, currentProject, isOpening } = workspace;
  const hasActive = () => active.value !== null;
  return [
    {
      id: 'session.new',
      title: 'New session',
      group: 'Sessions',
      note: () => (currentProject.value ? `in ${apart(currentProject.value.name)}` : ''),
      isAvailable: () => currentProject.value !== null && !isOpening.value,
      run: () => void open(),
    },
    {
      id: 'session.rename',
      title: 'Rename session…',
      group: 'Sessions',
      isAvailable: hasActive,
      run: () => show({ kind: 'renameSession', session: active.value! }),
    },
    {
      id: 'session.putAway',
      title: 'Put session away',
      group: 'Sessions',
      note: () => 'to wake it later',
      isAvailable: () => active.value !== null && isAlive(active.value),
      run: () => void putAway(active.value!),
    },
    {
      id: 'session.close',
      title: 'End and close session',
      group: 'Sessions',
      isAvailable: hasActive,
      run: () => void workspace.closeSession(active.value!),
    },
    { id: 'project.new', title: 'New project…', group: 'Projects', run: () => show({ kind: 'newProject' }) },
    {
      id: 'project.edit',
      title: 'Edit project…',
      group: 'Projects',
      note: () => activeProject.value?.name ?? '',
      isAvailable: () => activeProject.value !== null,
      run: () => show({ kind: 'editProject', project: activeProject.value! }),
    },
    {
      id: 'project.archived',
      title: 'Archived projects…',
      group: 'Projects',
      run: () => show({ kind: 'archivedProjects' }),
    },
  ];
}

function tabActions({ workspace, showActive }: WindowParts): Action[] {
  const { tabs } = workspace;
  const several = () => tabs.value.open.length > 1;
  return [
    {
      id: 'tab.next',
      title: 'Next tab',
      group: 'Window',
      isAvailable: several,
      run: () => (workspace.step(1), showActive()),
    },
    {
      id: 'tab.previous',
      title: 'Previous tab',
      group: 'Window',
      isAvailable: several,
      run: () => (workspace.step(-1), showActive()),
    },
    {
      id: 'tab.close',
      title: 'Close tab',
      group: 'Window',
      note: () => 'its session goes on',
      isAvailable: () => tabs.value.active !== null,
      run: () => (workspace.close(tabs.value.active!), showActive()),
    },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
      id: `tab.${n}`,
      title: n === 9 ? 'Go to the last tab' : `Go to tab ${n}`,
      group: 'Window' as const,
      isAvailable: () => tabs.value.open.length >= (n === 9 ? 1 : n),
      run: () => (workspace.number(n), showActive()),
    })),
  ];
}

function windowActions({ toggleSidebar, showPalette, pane }: WindowParts): Action[] {
  function move(step: 1 | -1) {
    const front = pane();
    moveRegion(step, front && (() => front.focus()));
  }
  return [
    { id: 'palette.show', title: 'Run a command…', group: 'Window', run: () => showPalette('commands') },
    { id: 'switcher.show', title: 'Go to a session or project…', group: 'Window', run: () => showPalette('places') },
    { id: 'sidebar.toggle', title: 'Show or hide the sidebar', group: 'Window', run: toggleSidebar },
    { id: 'region.next', title: 'Go to the next part of the window', group: 'Window', run: () => move(1) },
    { id: 'region.previous', title: 'Go to the part before', group: 'Window', run: () => move(-1) },
  ];
}

function terminalActions({ pane }: WindowParts): Action[] {
  const hasPane = () => pane() !== null;
  const ofPane = (id: string, title: string, act: (commands: PaneCommands) => unknown): Action => ({
    id: `terminal.${id}`,
    title,
    group: 'Terminal',
    isAvailable: hasPane,
    run: () => void act(pane()!),
  });
  return [
    {
      id: 'terminal.copy',
      title: 'Copy',
      group: 'Terminal',
      isAvailable: () => focusedTerminal()?.hasSelection() ?? false,
      run: () => void focusedTerminal()?.copySelection(),
    },
    ofPane('paste', 'Paste', (commands) => commands.paste()),
    ofPane('find', 'Find in the terminal…', (commands) => commands.find()),
    ofPane('findNext', 'Find the next one', (commands) => commands.findNext()),
    ofPane('findPrevious', 'Find the one before', (commands) => commands.findPrevious()),
    ofPane('previousCommand', 'Go to the command before', (commands) => commands.jumpToCommand(-1)),
    ofPane('nextCommand', 'Go to the next command', (commands) => commands.jumpToCommand(1)),
    ofPane('copyOutput', 'Copy the last output', (commands) => commands.copyLastOutput()),
    ofPane('copyCommand', 'Copy the last command', (commands) => commands.copyCommand()),
    ofPane('selectAll', 'Select everything', (commands) => commands.selectAll()),
    ofPane('clear', 'Clear the terminal', (commands) => commands.clear()),
    ofPane('scrollToTop', 'Scroll to the top', (commands) => commands.scrollToTop()),
    ofPane('scrollToBottom', 'Scroll to the end', (commands) => commands.scrollToBottom()),
    ofPane('largerText', 'Larger text', (commands) => commands.changeFontSize(1)),
    ofPane('smallerText', 'Smaller text', (commands) => commands.changeFontSize(-1)),
    ofPane('usualText', 'Text of the usual size', (commands) => commands.changeFontSize(0)),
  ];
}
