/**
 * `databricks workspace …` and `databricks sync` (github.com/databricks/cli `cmd/workspace/workspace/workspace.go`,
 * `import_dir.go`, `overrides.go`, `cmd/sync/sync.go`, `acceptance/cmd/sync/output.txt`).
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Fields } from '../answers.ts';
import { CliError, JSON_FLAG, type Command } from './command.ts';
import { jsonOf, type Connection } from './connection.ts';
import { Lines, Table } from './render.ts';
import { sync, SYNC_FLAGS } from './sync.ts';
import { mkdirs, upload } from './upload.ts';

/** Never uploaded by `import-dir` of recent versions. */
const SKIPPED = ['.git', '.databricks', 'node_modules'];
/** A notebook loses its ending in the workspace (`libs/notebook/detect.go`). */
const NOTEBOOK_HEADS: Record<string, string> = {
  '.py': '# Databricks notebook source',
  '.r': '# Databricks notebook source',
  '.scala': '// Databricks notebook source',
  '.sql': '-- Databricks notebook source',
};

const query = (path: string) => new URLSearchParams({ path }).toString();

export function workspaceCommands(connection: Connection): Command[] {
  return [
    {
      path: 'workspace mkdirs',
      use: 'PATH',
      flags: [JSON_FLAG],
      args: (words, flags) =>
        flags['json'] !== undefined || words.length === 1 ? null : `accepts 1 arg(s), received ${words.length}`,
      run: async ([path], flags) => {
        await connection.call('POST', '/api/2.0/workspace/mkdirs', {
          ...(path && { path }),
          ...jsonOf(flags, ['path']),
        });
      },
    },
    {
      path: 'workspace get-status',
      use: 'PATH',
      args: 1,
      run: ([path]) => connection.call('GET', `/api/2.0/workspace/get-status?${query(path!)}`),
    },
    {
      path: 'workspace list',
      use: 'PATH',
      flags: [{ name: 'notebooks-modified-after', type: 'int', help: 'UTC timestamp in milliseconds.' }],
      args: 1,
      run: async ([path]) => {
        const { objects } = await connection.call('GET', `/api/2.0/workspace/list?${query(path!)}`);
        return new Table(objects as Fields[], ['ID', 'Type', 'Language', 'Path'], (one) => [
          String(one['object_id']),
          one['object_type'] as string,
          '',
          one['path'] as string,
        ]);
      },
    },
    {
      path: 'workspace delete',
      use: 'PATH',
      flags: [
        JSON_FLAG,
        { name: 'recursive', type: 'bool', help: 'The flag that specifies whether to delete the object recursively.' },
      ],
      args: 1,
      run: async ([path], flags) => {
        await connection.call('POST', '/api/2.0/workspace/delete', { path, recursive: flags['recursive'] === true });
      },
    },
    {
      path: 'workspace import-dir',
      use: 'SOURCE_PATH TARGET_PATH',
      flags: [{ name: 'overwrite', type: 'bool', help: 'overwrite existing workspace files' }],
      args: 2,
      run: ([source, target], flags) => importDir(connection, source!, target!, flags['overwrite'] === true),
    },
    {
      path: 'sync',
      use: '[flags] SRC DST',
      flags: SYNC_FLAGS,
      args: 2,
      run: ([source, target], flags) => sync(connection, source!, target!, flags),
    },
  ];
}

async function importDir(
  connection: Connection,
  source: string,
  target: string,
  mayOverwrite: boolean,
): Promise<Lines> {
  if (!existsSync(source)) throw new CliError(`lstat ${source}: no such file or directory`);
  const lines = [`Importing files from ${source}`];
  await mkdirs(connection, target);
  const visit = async (folder: string): Promise<void> => {
    for (const entry of readdirSync(join(source, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (SKIPPED.includes(entry.name)) continue;
      const name = posix.join(folder, entry.name);
      // A link is read through, as `os.Open` does; a link to a folder fails there too.
      const isFolder = entry.isDirectory();
      if (entry.isSymbolicLink() && statSync(join(source, name)).isDirectory()) {
        throw new CliError(`read ${join(source, name)}: is a directory`);
      }
      if (isFolder) {
        await mkdirs(connection, posix.join(target, name));
        await visit(name);
      } else {
        lines.push(await importFile(connection, source, name, target, mayOverwrite));
      }
    }
  };
  await visit('');
  return new Lines([...lines, 'Import complete']);
}

async function importFile(connection: Connection, source: string, name: string, target: string, mayOverwrite: boolean) {
  const bytes = readFileSync(join(source, name));
  const remote = posix.join(target, remoteName(name, bytes));
  try {
    await upload(connection, remote, bytes, mayOverwrite);
  } catch (error) {
    if (mayOverwrite || !/already exists/.test((error as Error).message)) throw error;
    return `${name} -> ${remote} (skipped; already exists)`;
  }
  return `${name} -> ${remote}`;
}

function remoteName(name: string, bytes: Buffer): string {
  const ending = posix.extname(name).toLowerCase();
  const head = NOTEBOOK_HEADS[ending];
  const isNotebook = ending === '.ipynb' || (head !== undefined && bytes.subarray(0, head.length).toString() === head);
  return isNotebook ? name.slice(0, -ending.length) : name;
}
