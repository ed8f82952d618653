/** Projects over HTTP. */
import { Router } from 'express';
import { createProject, deleteProject, getProject, listProjects, updateProject } from '../../protocol/projects.ts';
import type { Caller } from '../http/caller.ts';
import { serve } from '../http/serve.ts';
import type { ProjectStore } from './projectStore.ts';
import { directoryFor, projectDirectory, type Workspace } from './workspace.ts';

export interface ProjectRoutesOptions {
  projects: ProjectStore;
  workspaceOf: (email: string) => Workspace;
  /** The list of this person's projects changed. */
  onChanged: (email: string) => void;
}

/** What a new person finds: their workspace root, one click away from a shell in it. */
const FIRST_PROJECT = { name: 'home', directory: '.', preset: 'shell', command: null, environment: {} } as const;

export function projectRoutes({ projects, workspaceOf, onChanged }: ProjectRoutesOptions): Router {
  const router = Router();
  const changed = <T>(caller: Caller, result: T): T => {
    onChanged(caller.email);
    return result;
  };

  serve(router, listProjects, async ({ archived }, caller) => {
    await projects.ensureFirst(caller.email, FIRST_PROJECT);
    return { projects: await projects.list(caller.email, archived === 'true') };
  });
  serve(router, createProject, async (input, caller) => {
    const directory = input.directory ?? directoryFor(input.name);
    projectDirectory(workspaceOf(caller.email), directory);
    return changed(caller, await projects.create(caller.email, { ...input, directory }));
  });
  serve(router, getProject, ({ projectId }, caller) => projects.get(caller.email, projectId));
  serve(router, updateProject, async ({ projectId, ...change }, caller) =>
    changed(caller, await projects.update(caller.email, projectId, change)),
  );
  serve(router, deleteProject, async ({ projectId }, caller) => {
    await projects.delete(caller.email, projectId);
    return changed(caller, {});
  });
  return router;
}
