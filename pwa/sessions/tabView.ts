/** What a tab shows of its session. */
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import { endText } from './sessionText.ts';

export interface TabView {
  id: string;
  /** null before the list was ever heard. */
  session: Session | null;
  name: string;
  project: string;
  /** How it ended; empty while it runs. */
  end: string;
  /** What the program calls itself. */
  title: string;
  /** Why it wants the person; empty when it does not. */
  attention: string;
}

export function tabView(
  id: string,
  session: Session | null,
  project: Project | null,
  title: string,
  attention: string,
): TabView {
  return {
    id,
    session,
    name: session?.name ?? 'session',
    project: project?.name ?? '',
    end: session ? endText(session) : '',
    title,
    attention,
  };
}
