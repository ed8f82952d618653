/** What a tab shows of its session. */
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Progress } from '../terminal/progress.ts';
import { detailsOf, doingOf, type ProgramReport } from './programReport.ts';
import { endText } from './sessionText.ts';

export interface TabView {
  id: string;
  /** null before the list was ever heard. */
  session: Session | null;
  name: string;
  project: string;
  /** How it ended; empty while it runs. */
  end: string;
  /** The command that runs in it, or the directory where its shell has gone. */
  doing: string;
  progress: Progress | null;
  /** All that its program says, a line each. */
  details: string;
  /** Why it wants the person; empty when it does not. */
  attention: string;
}

export function tabView(
  id: string,
  session: Session | null,
  project: Project | null,
  report: ProgramReport,
  attention: string,
): TabView {
  return {
    id,
    session,
    name: session?.name ?? 'session',
    project: project?.name ?? '',
    end: session ? endText(session) : '',
    doing: doingOf(report, session),
    progress: report.progress,
    details: detailsOf(report),
    attention,
  };
}
