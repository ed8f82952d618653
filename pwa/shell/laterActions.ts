/** Actions that nobody needs in the first moment: recordings, search in what is kept, colours, keys. Added when the first paint is over. */
import type { Ref } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import type { Actions } from '../ui/actions.ts';
import { useDialogs } from './useDialogs.ts';

interface LaunchQueue {
  setConsumer(take: (launch: { files?: readonly FileSystemFileHandle[] }) => void): void;
}

export function addLaterActions(actions: Actions, active: Readonly<Ref<Session | null>>): void {
  const { show } = useDialogs();
  // A recording that the system was told to open with the installed app.
  (window as { launchQueue?: LaunchQueue }).launchQueue?.setConsumer(({ files }) => {
    void files?.[0]?.getFile().then((file) => show({ kind: 'playbackFile', file }));
  });
  actions.add([
    {
      id: 'playback.open',
      title: 'Play back the session…',
      group: 'Sessions',
      isAvailable: () => active.value !== null,
      run: () => show({ kind: 'playback', session: active.value! }),
    },
    {
      id: 'playback.openFile',
      title: 'Open a recording…',
      group: 'Sessions',
      note: () => '.cast',
      run: () => show({ kind: 'playbackFile' }),
    },
    {
      id: 'search.sessions',
      title: 'Search all sessions…',
      group: 'Sessions',
      note: () => 'what this browser has kept',
      run: () => show({ kind: 'searchSessions' }),
    },
    { id: 'keys.edit', title: 'Change keys…', group: 'Settings', run: () => show({ kind: 'keys' }) },
    {
      id: 'colors.import',
      title: 'Import colours for the terminal…',
      group: 'Settings',
      note: () => 'of iTerm2, VS Code, kitty and others',
      run: () => show({ kind: 'colors' }),
    },
  ]);
}
