/** Single steps of an upload into the workspace (`libs/filer/workspace_files_client.go` of github.com/databricks/cli). */
import type { Connection } from './connection.ts';

export async function mkdirs(connection: Connection, path: string): Promise<void> {
  await connection.call('POST', '/api/2.0/workspace/mkdirs', { path });
}

export async function upload(
  connection: Connection,
  path: string,
  bytes: Buffer,
  mayOverwrite: boolean,
): Promise<void> {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  await connection.call(
    'POST',
    `/api/2.0/workspace-files/import-file${encoded}?overwrite=${mayOverwrite}`,
    undefined,
    bytes,
  );
}
