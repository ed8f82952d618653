/** The entries of the palette: every action that there is something to do to, and every session and project. */
import { computed } from 'vue';
import { useAttention } from '../attention/useAttention.ts';
import { useProjects } from '../projects/useProjects.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { endText } from '../sessions/sessionText.ts';
import { useActions } from '../ui/actions.ts';
import { apart } from '../ui/apart.ts';
import { useKeymap } from '../ui/keyOwner.ts';
import { otherWords } from './otherWords.ts';
import type { PaletteEntry } from './palette.ts';

/** These open the palette itself. */
const OWN = new Set(['palette.show', 'switcher.show']);

export interface Places {
  showSession: (id: string) => void;
  openIn: (projectId: string) => void;
}

export function usePaletteEntries({ showSession, openIn }: Places) {
  const actions = useActions();
  const { keymap } = useKeymap();
  const sessions = useSessions();
  const attention = useAttention();
  const projects = useProjects();

  const commands = computed((): PaletteEntry[] =>
    actions
      .all()
      .filter((action) => !OWN.has(action.id) && actions.isAvailable(action))
      .map(({ id, title, group, note, run }) => ({
        id,
        title,
        group,
        also: otherWords(id),
        note: note?.() ?? '',
        keys: keymap.value.keysOf(id),
        run,
      })),
  );
  const nameOf = (projectId: string | null) => projects.all.value.find(({ id }) => id === projectId)?.name ?? '';
  const places = computed((): PaletteEntry[] => [
    ...sessions.list.value.map((session) => ({
      id: session.id,
      title: session.name,
      group: nameOf(session.projectId),
      note: endText(session) || session.shardId,
      keys: [],
      run: () => showSession(session.id),
    })),
    ...projects.active.value.map(({ id, name, directory }) => ({
      id,
      title: `New session in ${apart(name)}`,
      group: directory === '.' ? '' : directory,
      note: '',
      keys: [],
      run: () => openIn(id),
    })),
  ]);
  /** As in the list of sessions: one that wants the person says so here, too. */
  const stateOf = (id: string) => (attention.of(id) ? 'attention' : (sessions.find(id)?.state ?? null));
  return { commands, places, stateOf };
}
