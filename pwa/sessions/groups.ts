/** The sidebar's order: projects by name with their sessions, then what has no project any more. */
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';

export interface Group {
  /** null: sessions without a listed project. */
  project: Project | null;
  sessions: Session[];
}

/** Sessions stand in the order they were opened in, so that a row never moves under the pointer. */
export function groupSessions(projects: readonly Project[], sessions: readonly Session[]): Group[] {
  const inOrder = [...sessions].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  const listed = new Set(projects.map(({ id }) => id));
  const groups: Group[] = projects.map((project) => ({
    project,
    sessions: inOrder.filter(({ projectId }) => projectId === project.id),
  }));
  const others = inOrder.filter(({ projectId }) => projectId === null || !listed.has(projectId));
  return others.length > 0 ? [...groups, { project: null, sessions: others }] : groups;
}
