/** The person's projects: the list as last heard, and what can be done with one. */
import { computed, inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { z } from 'zod';
import type { Project, createProject, updateProject } from '../../protocol/projects.ts';
import { coalesce } from '../connection/coalesce.ts';
import type { Connection } from '../connection/connection.ts';
import { keepFact } from '../connection/offlineStore.ts';
import { plainName } from '../ui/apart.ts';

export type NewProject = z.input<typeof createProject.input>;
export type ProjectChange = z.input<typeof updateProject.input>;

export function createProjects(connection: Connection) {
  const heard = shallowRef<Project[]>([]);
  /** Archived ones included. */
  const all = computed(() => heard.value.map(plainName));
  /** The server has answered since this window was opened. */
  const isFresh = shallowRef(false);
  const byName = (projects: Project[]) => [...projects].sort((a, b) => a.name.localeCompare(b.name));
  const active = computed(() => byName(all.value.filter((project) => project.archivedAt === null)));
  const archived = computed(() => byName(all.value.filter((project) => project.archivedAt !== null)));

  void connection.facts.then(({ projects }) => {
    if (!isFresh.value && projects) heard.value = projects;
  });

  const fetch = coalesce(async () => {
    try {
      const [{ listProjects }, client] = await Promise.all([connection.library, connection.client]);
      const [live, old] = await Promise.all([
        client.call(listProjects, { archived: 'false' }),
        client.call(listProjects, { archived: 'true' }),
      ]);
      const known = new Map([...live.projects, ...old.projects].map((project) => [project.id, project]));
      heard.value = [...known.values()];
      isFresh.value = true;
      keepFact('projects', heard.value);
    } catch {
      // What was heard last stays on the screen; the status bar says how the connection stands.
    }
  });
  connection.onChanged((subject) => {
    if (subject === 'projects') void fetch();
  });

  function put(project: Project): Project {
    heard.value = [...heard.value.filter(({ id }) => id !== project.id), project];
    return project;
  }

  async function create(project: NewProject): Promise<Project> {
    const [{ createProject }, client] = await Promise.all([connection.library, connection.client]);
    return put(await client.call(createProject, project));
  }

  async function update(change: ProjectChange): Promise<Project> {
    const [{ updateProject }, client] = await Promise.all([connection.library, connection.client]);
    return put(await client.call(updateProject, change));
  }

  async function remove(projectId: string): Promise<void> {
    const [{ deleteProject }, client] = await Promise.all([connection.library, connection.client]);
    await client.call(deleteProject, { projectId });
    heard.value = heard.value.filter(({ id }) => id !== projectId);
  }

  return { all, active, archived, isFresh, create, update, remove };
}

export type Projects = ReturnType<typeof createProjects>;
export const projectsKey: InjectionKey<Projects> = Symbol('projects');

export function useProjects(): Projects {
  const projects = inject(projectsKey);
  if (!projects) throw new Error('no projects were provided');
  return projects;
}
