/** What the window has open, and the acts that concern more than one of lists, tabs and terminals. */
import { computed, ref, shallowRef, watch } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { useAttention } from '../attention/useAttention.ts';
import { usePanes } from '../panes/usePanes.ts';
import { useProjects } from '../projects/useProjects.ts';
import { NO_REPORT, progressText, type ProgramReport } from '../sessions/programReport.ts';
import { isAlive } from '../sessions/sessionText.ts';
import { tabsInView } from '../sessions/tabs.ts';
import { tabView } from '../sessions/tabView.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { useTabs } from '../sessions/useTabs.ts';
import { apart } from '../ui/apart.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { toast } from '../ui/toasts.ts';
import { useDialogs } from './useDialogs.ts';

export function useWorkspace() {
  const projects = useProjects();
  const sessions = useSessions();
  const windowTabs = useTabs();
  const { tabs } = windowTabs;
  const dialogs = useDialogs();
  const attention = useAttention();
  const panes = usePanes();
  const reports = shallowRef<ReadonlyMap<string, ProgramReport>>(new Map());
  const isOpening = ref(false);
  /** Terminals are made when their tab is first shown, and kept from then on. */
  const seen = shallowRef<ReadonlySet<string>>(new Set());

  const projectOf = (session: Session | null) => projects.all.value.find(({ id }) => id === session?.projectId) ?? null;
  const reportOf = (id: string) => reports.value.get(id) ?? NO_REPORT;
  const views = computed(() =>
    tabs.value.open.map((id) => {
      const session = sessions.find(id);
      return tabView(id, session, projectOf(session), reportOf(id), attention.of(id)?.text ?? '');
    }),
  );
  const mounted = computed(() => views.value.filter(({ id }) => seen.value.has(id)));
  const active = computed(() => (tabs.value.active === null ? null : sessions.find(tabs.value.active)));
  const activeProject = computed(() => projectOf(active.value));
  /** Where a new session goes when nothing else is said. */
  const currentProject = computed(() => {
    const isActive = activeProject.value && activeProject.value.archivedAt === null;
    return isActive ? activeProject.value : (projects.active.value[0] ?? null);
  });

  const inView = computed(() => tabsInView(tabs.value, panes.dock.value && panes.visible.value));

  watch(
    () => tabs.value.active,
    (id) => id !== null && see([id]),
    { immediate: true },
  );
  watch(
    inView,
    (ids) => {
      see(ids);
      attention.show(ids);
    },
    { immediate: true },
  );
  watch([sessions.list, sessions.isFresh], () => {
    if (sessions.isFresh.value) windowTabs.keep((id) => sessions.find(id) !== null);
  });
  watch(
    () => tabs.value.open,
    (open) => (reports.value = new Map([...reports.value].filter(([id]) => open.includes(id)))),
  );
  watch(
    () =>
      active.value &&
      [progressText(reportOf(active.value.id).progress), apart(active.value.name), 'Holdfast']
        .filter(Boolean)
        .join(' · '),
    (title) => (document.title = title || 'Holdfast'),
    { immediate: true },
  );

  function see(ids: Iterable<string>) {
    const next = new Set([...seen.value, ...ids]);
    if (next.size > seen.value.size) seen.value = next;
  }

  /** @returns the new session's id, or null when it could not be opened and the reason was said */
  async function open(projectId = currentProject.value?.id): Promise<string | null> {
    if (isOpening.value) return null;
    isOpening.value = true;
    try {
      return (await sessions.open(projectId ?? null)).id;
    } catch (error) {
      toast(`No session was opened. ${sentenceOf(error)}`, 'bad');
      return null;
    } finally {
      isOpening.value = false;
    }
  }

  async function closeSession(session: Session) {
    if (isAlive(session)) return dialogs.show({ kind: 'closeSession', session });
    try {
      await sessions.close(session.id);
    } catch (error) {
      toast(sentenceOf(error), 'bad');
    }
  }

  return {
    tabs,
    views,
    mounted,
    isInView: (id: string) => inView.value.includes(id),
    active,
    activeProject,
    currentProject,
    isOpening,
    isKnown: projects.isFresh,
    hasSessions: computed(() => sessions.list.value.length > 0),
    isNew: sessions.isNew,
    reportOf,
    report: (id: string, change: Partial<ProgramReport>) =>
      (reports.value = new Map(reports.value).set(id, { ...reportOf(id), ...change })),
    markExited: (id: string, exit: Exit) => sessions.markExited(id, exit),
    gone: (id: string) => {
      windowTabs.close(id);
      toast('That session is no more.');
    },
    show: windowTabs.open,
    close: windowTabs.close,
    step: windowTabs.step,
    number: windowTabs.number,
    open,
    closeSession,
  };
}
