/** Hears what this window was opened for, and what the system hands to it later, and shows it. */
import { watch } from 'vue';
import { useSharedFiles } from '../files/sharedFiles.ts';
import { useProjects } from '../projects/useProjects.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { takeShared } from '../serviceWorker/shared.ts';
import { useTabs } from '../sessions/useTabs.ts';
import { useDialogs } from '../shell/useDialogs.ts';
import { useActions } from '../ui/actions.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { toast } from '../ui/toasts.ts';
import { launchOf, withoutLaunch } from './launch.ts';
import { apart } from '../ui/apart.ts';

/** Chromium's; not in the DOM types. */
interface LaunchQueue {
  setConsumer(consumer: (launch: { targetURL?: string; files?: FileSystemFileHandle[] }) => void): void;
}

export function useLaunches(): void {
  const sessions = useSessions();
  const projects = useProjects();
  const tabs = useTabs();
  const { show } = useDialogs();
  const { run, find } = useActions();
  const { offer } = useSharedFiles();
  /** Told by the system as well, once, where it opened the window itself. */
  let atStart: string | null = location.href;

  hear(location.href);
  history.replaceState(history.state, '', withoutLaunch(location.href));
  (window as { launchQueue?: LaunchQueue }).launchQueue?.setConsumer(({ targetURL, files }) => {
    const isKnown = targetURL === atStart;
    atStart = null;
    if (files?.[0]) return void play(files[0]);
    if (targetURL && !isKnown) hear(targetURL);
  });

  function hear(href: string) {
    const launch = launchOf(href);
    if (launch === null) return;
    if (launch.kind === 'unknown') return toast('That link asks for nothing that Holdfast knows.');
    if (launch.kind === 'shared') return whenListed(sessions, () => void takeShared().then(offer));
    if (launch.kind === 'session') return whenListed(sessions, () => showSession(launch.id));
    if (launch.kind === 'project') return whenListed(projects, () => askForProject(launch.id));
    if (launch.action !== 'session.new') return void run(launch.action);
    whenListed(projects, () => {
      if (!projects.active.value.length) return toast('There is no project yet to open a session in.');
      show({ kind: 'launch', where: find('session.new')?.note?.() ?? '', open: () => void run('session.new') });
    });
  }

  /** A recording that was opened from the system's files. */
  async function play(handle: FileSystemFileHandle) {
    try {
      show({ kind: 'playbackFile', file: await handle.getFile() });
    } catch (error) {
      toast(`The file could not be read. ${sentenceOf(error)}`, 'bad');
    }
  }

  function showSession(id: string) {
    if (!sessions.find(id)) return toast('That link names no session of yours.');
    tabs.open(id);
  }

  function askForProject(id: string) {
    const project = projects.active.value.find((one) => one.id === id);
    if (!project) return toast('That link names no project of yours.');
    const open = async () => tabs.open((await sessions.open(id)).id);
    show({ kind: 'launch', where: `in ${apart(project.name)}`, open });
  }
}

/** Once the server has said what there is: until then nobody can be told that something is not. */
function whenListed({ isFresh }: { isFresh: { value: boolean } }, act: () => void): void {
  const stop = watch(
    () => isFresh.value,
    (isListed) => {
      if (!isListed) return;
      queueMicrotask(() => stop());
      act();
    },
    { immediate: true },
  );
}
