/** Puts a session away at a person's word: what is to be asked first is asked, anything else that keeps it is said. */
import type { Session } from '../../protocol/sessions.ts';
import { doubtOf } from '../sessions/putAway.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { toast } from '../ui/toasts.ts';
import { useDialogs } from './useDialogs.ts';
import { apart } from '../ui/apart.ts';

export function usePutAway() {
  const sessions = useSessions();
  const { show } = useDialogs();

  return async function putAway(session: Session): Promise<void> {
    try {
      await sessions.putAway(session, { onlyIfIdle: true });
    } catch (error) {
      const doubt = doubtOf(error);
      if (doubt) show({ kind: 'putAway', session, doubt });
      else toast(`${apart(session.name)} was not put away. ${sentenceOf(error)}`, 'bad');
    }
  };
}
