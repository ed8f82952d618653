/** What a session is started with: its command, its directory, its environment. */
import { AppError } from '../../protocol/errors.ts';
import type { Project } from '../../protocol/projects.ts';
import {
  existingDirectory,
  findProgram,
  prepare,
  projectDirectory,
  SESSION_DIRECTORY,
  type Workspace,
} from '../projects/workspace.ts';
import type { Caller } from './access.ts';
import type { Agent } from './agents.ts';
import { sessionEnvironment, type BaseEnvironment } from './environment.ts';
import type { ShellIntegration } from './shellIntegration.ts';

export interface LaunchesOptions {
  workspaceOf: (email: string) => Workspace;
  environment: BaseEnvironment;
  shell: string;
  integration: Pick<ShellIntegration, 'apply'>;
}

export class Launches {
  constructor(private readonly options: LaunchesOptions) {}

  /** What a project opens with; without one, the shell. */
  commandOf(project: Project | undefined): string[] {
    if (project?.preset === 'custom' && project.command) return project.command;
    if (project?.preset === 'claude') return ['claude'];
    return [this.options.shell, '-l'];
  }

  /** The person's premises, which are made when they are missing, and what a program of the project is given there. */
  premises({ email }: Caller, project: Project | undefined) {
    const { workspaceOf, environment, shell } = this.options;
    const workspace = workspaceOf(email);
    prepare(workspace);
    return { workspace, env: sessionEnvironment(environment, workspace, shell, project?.environment ?? {}) };
  }

  /**
   * Everything a pty is made of. The default directory is made when it is missing: a shard's disk may be a new one.
   * @throws AppError `session.command_not_found`, and those of `existingDirectory`
   */
  plan(caller: Caller, project: Project | undefined, directory: string | undefined, argv: readonly string[]) {
    const { workspace, env } = this.premises(caller, project);
    const base = project ? projectDirectory(workspace, project.directory) : workspace.root;
    const cwd = directory ? existingDirectory(workspace, base, directory, SESSION_DIRECTORY) : base;
    const file = findProgram(argv[0]!, env.PATH ?? '', cwd);
    if (!file) throw new AppError('session.command_not_found', `there is no program ${argv[0]} that could be started`);
    return { cwd, file, ...this.options.integration.apply(file, { args: argv.slice(1), env }) };
  }
}

/** Where the conversation `id` of an agent that is started with `env` is kept; null for every other program. */
export function conversationIn(agent: Agent | undefined, env: Record<string, string>, id: string | null) {
  return agent && id ? { id, directory: agent.directory(env) } : null;
}
