/** Projects in PostgreSQL. Every statement is bound to the owner: the filter comes from who asks, never from the request. */
import type { Knex } from 'knex';
import type { ProjectRow } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import type { LaunchPreset, Project } from '../../protocol/projects.ts';

export interface NewProject {
  name: string;
  directory: string;
  preset: LaunchPreset;
  command: string[] | null;
  environment: Record<string, string>;
}

export type ProjectChange = Partial<Omit<NewProject, 'directory'>> & { archived?: boolean };

const UNIQUE_VIOLATION = '23505';

export class ProjectStore {
  constructor(private readonly knex: Knex) {}

  async list(ownerEmail: string, archived: boolean): Promise<Project[]> {
    const query = this.knex('projects').where({ owner_email: ownerEmail }).orderBy('created_at');
    const rows = await (archived ? query.whereNotNull('archived_at') : query.whereNull('archived_at'));
    return rows.map(toProject);
  }

  /** Someone else's project is not found. */
  async get(ownerEmail: string, id: string): Promise<Project> {
    const row = await this.knex('projects').where({ owner_email: ownerEmail, id }).first();
    if (!row) throw notFound();
    return toProject(row);
  }

  async create(ownerEmail: string, project: NewProject): Promise<Project> {
    const { command, environment, ...rest } = project;
    const [row] = await this.knex('projects')
      .insert({ owner_email: ownerEmail, ...rest, command: json(command), environment: json(environment) })
      .returning('*')
      .catch(nameTaken(project.name));
    return toProject(row!);
  }

  /** Makes the first project of a person who never had one; two at once make one (the name is unique). */
  async ensureFirst(ownerEmail: string, project: NewProject): Promise<void> {
    const { command, environment, ...rest } = project;
    const known = await this.knex('projects').where({ owner_email: ownerEmail }).first('id');
    if (known) return;
    await this.knex('projects')
      .insert({ owner_email: ownerEmail, ...rest, command: json(command), environment: json(environment) })
      .onConflict()
      .ignore();
  }

  async update(ownerEmail: string, id: string, change: ProjectChange): Promise<Project> {
    const { archived, command, environment, ...rest } = change;
    const [row] = await this.knex('projects')
      .where({ owner_email: ownerEmail, id })
      .update({
        ...rest,
        ...(command !== undefined ? { command: json(command) } : {}),
        ...(environment !== undefined ? { environment: json(environment) } : {}),
        ...(archived !== undefined ? { archived_at: archived ? new Date() : null } : {}),
        updated_at: new Date(),
      })
      .returning('*')
      .catch(nameTaken(change.name ?? 'this name'));
    if (!row) throw notFound();
    return toProject(row);
  }

  /** Refused while a session of it lives. One statement, so that a session cannot slip in between. */
  async delete(ownerEmail: string, id: string): Promise<void> {
    await this.get(ownerEmail, id);
    const count = await this.knex('projects')
      .where({ owner_email: ownerEmail, id })
      .whereNotExists(
        this.knex('sessions').whereRaw('sessions.project_id = projects.id').whereIn('state', ['starting', 'running']),
      )
      .delete();
    if (count === 0) throw new AppError('project.has_sessions', 'close the sessions of this project first');
  }
}

function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    directory: row.directory,
    preset: row.preset as LaunchPreset,
    command: row.command,
    environment: row.environment,
    archivedAt: row.archived_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}

/** pg would send a JavaScript array as a PostgreSQL array; jsonb wants text. */
function json<T>(value: T): T {
  return (value === null ? null : JSON.stringify(value)) as T;
}

function notFound(): AppError {
  return new AppError('project.not_found', 'there is no such project');
}

function nameTaken(name: string): (error: unknown) => never {
  return (error) => {
    if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) {
      throw new AppError('project.name_taken', `you have a project called “${name}” already`, { cause: error });
    }
    throw error;
  };
}
