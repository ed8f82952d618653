/** Projects: a name, a directory, what to launch in it and with which environment. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const ProjectId = z.uuid();

/** What a new session of the project starts when nothing else is said. `shell` is the person's own shell. */
export const LaunchPreset = z.enum(['shell', 'claude', 'custom']);
export type LaunchPreset = z.infer<typeof LaunchPreset>;

/** What may be handed to a program: no system call takes a NUL in an argument, a path or the environment. */
export const Argument = z.string().regex(/^[^\0]*$/, 'a NUL character cannot be passed to a program');

export const CommandLine = z.array(Argument.min(1).max(4096)).min(1).max(64);
export const EnvironmentEntries = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name has letters, digits and _'), Argument.max(8192))
  .refine((entries) => Object.keys(entries).length <= 64, 'at most 64 entries');

/** No line breaks or control characters: names are shown in tabs, titles and lists. */
const Name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]*$/u, 'a name has no control characters');
const Directory = z
  .string()
  .trim()
  .min(1)
  .max(1024)
  .regex(/^[^\p{Cc}]*$/u, 'a directory has no control characters');

export const Project = z.object({
  id: ProjectId,
  name: Name,
  /** Relative to the person's workspace root (`.` is the root itself), or absolute where that is allowed. */
  directory: z.string(),
  preset: LaunchPreset,
  /** Only with the preset `custom`. */
  command: CommandLine.nullable(),
  environment: EnvironmentEntries,
  archivedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type Project = z.infer<typeof Project>;

const fields = {
  name: Name,
  directory: Directory.optional(),
  preset: LaunchPreset.default('shell'),
  command: CommandLine.nullable().default(null),
  environment: EnvironmentEntries.default({}),
};
const presetHasItsCommand = (input: { preset?: string | undefined; command?: string[] | null | undefined }) =>
  input.preset === undefined || (input.preset === 'custom') === (input.command != null);
const PRESET_RULE = 'the preset custom, and only it, takes a command';

export const listProjects = endpoint({
  method: 'GET',
  path: '/api/v1/projects',
  input: z.object({ archived: z.enum(['true', 'false']).default('false') }),
  output: z.object({ projects: z.array(Project) }),
});
/** Without `directory` the project gets one named after it, inside the workspace root. */
export const createProject = endpoint({
  method: 'POST',
  path: '/api/v1/projects',
  input: z.object(fields).refine(presetHasItsCommand, PRESET_RULE),
  output: Project,
});
export const getProject = endpoint({
  method: 'GET',
  path: '/api/v1/projects/:projectId',
  input: z.object({ projectId: ProjectId }),
  output: Project,
});
export const updateProject = endpoint({
  method: 'PATCH',
  path: '/api/v1/projects/:projectId',
  input: z
    .object({
      projectId: ProjectId,
      name: Name.optional(),
      preset: LaunchPreset.optional(),
      command: CommandLine.nullable().optional(),
      environment: EnvironmentEntries.optional(),
      archived: z.boolean().optional(),
    })
    .refine(presetHasItsCommand, PRESET_RULE),
  output: Project,
});
/** Refused with `project.has_sessions` while one of its sessions lives. Files stay where they are. */
export const deleteProject = endpoint({
  method: 'DELETE',
  path: '/api/v1/projects/:projectId',
  input: z.object({ projectId: ProjectId }),
  output: z.object({}),
});
