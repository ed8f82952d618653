import { expect, test } from 'vitest';
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import { groupSessions } from './groups.ts';

const project = (id: string) => ({ id, name: id }) as Project;
const session = (id: string, projectId: string | null, createdAt: string) => ({ id, projectId, createdAt }) as Session;
const shape = (projects: Project[], sessions: Session[]) =>
  groupSessions(projects, sessions).map((group) => [group.project?.id ?? null, group.sessions.map(({ id }) => id)]);

test('sessions stand under their project in the order they were opened', () => {
  const sessions = [session('b', 'p', '2026-01-02'), session('a', 'p', '2026-01-01')];
  expect(shape([project('p'), project('q')], sessions)).toEqual([
    ['p', ['a', 'b']],
    ['q', []],
  ]);
});

test('a session whose project is gone or archived is still found', () => {
  const sessions = [session('a', null, '2026-01-01'), session('b', 'archived', '2026-01-02')];
  expect(shape([project('p')], sessions)).toEqual([
    ['p', []],
    [null, ['a', 'b']],
  ]);
});
