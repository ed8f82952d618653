/** Attention comes after the first paint: from then on windows hear what sessions want, and say what is looked at. */
import { watch } from 'vue';
import type { App } from 'vue';
import { systemClock } from '../../client/clock.ts';
import type { SessionSignal } from '../../protocol/attention.ts';
import { useConnection } from '../connection/useConnection.ts';
import { useProjects } from '../projects/useProjects.ts';
import { isAlive } from '../sessions/sessionText.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { usePreferences } from '../settings/usePreferences.ts';
import { useDialogs } from '../shell/useDialogs.ts';
import { useActions } from '../ui/actions.ts';
import { createWatch } from './attentionWatch.ts';
import { browserOutlook } from './outlook.ts';
import { ofKnownSessions } from './knownSessions.ts';
import { createPolicies } from './policies.ts';
import { renewPush } from './push.ts';
import { useAttention } from './useAttention.ts';

export function startAttention(app: App): Promise<void> {
  return app.runWithContext(async () => {
    const [connection, sessions, projects] = [useConnection(), useSessions(), useProjects()];
    const [attention, policies] = [useAttention(), createPolicies(usePreferences())];
    offerAttentionActions();

    const noteOf = (signal: SessionSignal) => {
      const session = sessions.find(signal.sessionId);
      const project = projects.all.value.find(({ id }) => id === session?.projectId);
      return { signal, sessionName: session?.name ?? 'Holdfast', projectName: project?.name ?? null };
    };
    const client = await connection.client;
    const isListed = (id: string) => sessions.find(id) !== null;
    const signals = ofKnownSessions(client.signals, isListed, sessions.hear);
    const parts = { attention, outlook: browserOutlook(), clock: systemClock, signals };
    const { look, keep } = createWatch({ ...parts, policyOf: policies.of, noteOf });
    watch(attention.inView, look);
    watch([sessions.list, sessions.isFresh], () => {
      if (!sessions.isFresh.value) return;
      keep((id) => isRunning(sessions.find(id)));
      void policies.prune(isListed, () => client.sessions.list()).catch(() => undefined); // the next list will do
    });
    void renewPush(connection);
  });
}

function isRunning(session: ReturnType<ReturnType<typeof useSessions>['find']>): boolean {
  return session !== null && isAlive(session);
}

function offerAttentionActions(): void {
  const { inView } = useAttention();
  const { show } = useDialogs();
  useActions().add([
    {
      id: 'attention.show',
      title: 'Notifications…',
      group: 'Settings',
      run: () => show({ kind: 'attention', sessionId: inView.value[0] ?? null }),
    },
  ]);
}
