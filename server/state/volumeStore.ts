/** The state store in a Unity Catalog volume, by the Files API of the workspace (`/api/2.0/fs`). */
import type { WorkspaceClient } from '../databricks/workspaceClient.ts';
import { WorkspaceError } from '../databricks/workspaceClient.ts';
import { checkKey, unavailable, type StateStore } from './stateStore.ts';

interface Listing {
  contents?: { path: string; is_directory?: boolean }[];
  next_page_token?: string;
}

/** @param folder `/Volumes/<catalog>/<schema>/<volume>/…`, without a slash at its end */
export function volumeStore(folder: string, workspace: WorkspaceClient): StateStore {
  const name = `volume ${folder}`;
  const pathOf = (key: string) => `${folder}/${checkKey(key)}`;

  /** `ifMissing` for what does not exist. */
  const asked = async <T>(call: Promise<T>, ifMissing?: T): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (isMissing(error) && ifMissing !== undefined) return ifMissing;
      throw unavailable(name, error instanceof WorkspaceError ? `answers ${error.status}` : 'cannot be reached', error);
    }
  };
  const put = (path: string, bytes: Uint8Array) =>
    workspace.call('PUT', `${at('files', path)}?overwrite=true`, {
      bytes,
      headers: { 'Content-Type': 'application/octet-stream' },
    });
  const remove = (kind: Kind, path: string) =>
    asked<unknown>(workspace.call('DELETE', at(kind, path)), null).then(() => undefined);

  const entriesOf = async (path: string) => {
    const entries: NonNullable<Listing['contents']> = [];
    // A page may be empty and still be followed by another: only a missing token ends the list.
    for (let token: string | undefined = ''; token !== undefined;) {
      const query: string = token ? `?page_token=${encodeURIComponent(token)}` : '';
      const page: Listing = await asked(workspace.json<Listing>('GET', `${at('directories', path)}${query}`), {});
      entries.push(...(page.contents ?? []));
      token = page.next_page_token || undefined;
    }
    return entries;
  };
  const filesIn = async (path: string): Promise<string[]> => {
    const entries = await entriesOf(path);
    const deeper = await Promise.all(
      entries.map((one) => (one.is_directory ? filesIn(one.path) : Promise.resolve([one.path]))),
    );
    return deeper.flat();
  };
  /** A directory goes only when it is empty, so from the inside out. */
  const clear = async (path: string): Promise<void> => {
    for (const entry of await entriesOf(path)) {
      await (entry.is_directory ? clear(entry.path.replace(/\/$/, '')) : remove('files', entry.path));
    }
    await remove('directories', path);
  };

  return {
    name,
    async put(key, bytes) {
      const path = pathOf(key);
      try {
        await put(path, bytes);
      } catch (error) {
        if (!isMissing(error)) return asked(Promise.reject(error as Error));
        await asked(workspace.call('PUT', at('directories', path.slice(0, path.lastIndexOf('/')))));
        await asked(put(path, bytes));
      }
    },
    async get(key) {
      const response = await asked<Response | null>(workspace.call('GET', at('files', pathOf(key))), null);
      return response ? Buffer.from(await asked(response.arrayBuffer())) : undefined;
    },
    delete: (key) => remove('files', pathOf(key)),
    list: async (within) => (await filesIn(pathOf(within))).map((path) => path.slice(folder.length + 1)),
    clear: (within) => clear(pathOf(within)),
  };
}

type Kind = 'files' | 'directories';

const at = (kind: Kind, path: string) => `/api/2.0/fs/${kind}${path.split('/').map(encodeURIComponent).join('/')}`;
const isMissing = (error: unknown) => error instanceof WorkspaceError && error.status === 404;
