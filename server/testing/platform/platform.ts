/** The whole stand-in platform for tests: workspace API, CLI on a PATH, an ingress before every app, and apps that really run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { AppRunner, type RunnerOptions } from './appRunner.ts';
import { putCliOnPath } from './cliOnPath.ts';
import { Ingress } from './ingress.ts';
import { issueToken } from './identity.ts';
import { emptyCredential, type GiveCredential } from './lakebase.ts';
import type { App, LakebaseState, Settings } from './state.ts';
import { PlatformStore } from './store.ts';
import { serveWorkspaceApi, type WorkspaceApi } from './workspaceApi.ts';

export interface PlatformOptions {
  settings?: Partial<Settings>;
  /** How many apps there may be. */
  apps?: number;
  runner?: Partial<RunnerOptions>;
  lakebase?: Partial<LakebaseState>;
  /** Makes the passwords of the database that `lakebase` names. */
  giveCredential?: GiveCredential;
  /** Unity Catalog volumes, `/Volumes/catalog/schema/volume`. */
  volumes?: string[];
}

export interface Platform {
  store: PlatformStore;
  api: WorkspaceApi;
  ingress: Ingress;
  runner: AppRunner;
  /** For a script that finds `databricks` on it. */
  path: string;
  app(name: string): App;
  /** A token of a person or of a service principal (by its client id). */
  token(userName: string, lifeMs?: number): string;
  /** What the app printed, and what the platform said of it. */
  log(name: string): string;
  /** Ends every process and removes every folder. */
  close(): Promise<void>;
}

/** Days of the platform in seconds of a test; all of it can be set. */
const RUNNER: RunnerOptions = { graceMs: 15_000, startLimitMs: 60_000, isForgetful: false };

export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'hf-p-')); // short: unix sockets live below it
  const store = PlatformStore.create(folder, options.settings);
  store.update((state) => {
    Object.assign(state.lakebase, options.lakebase);
    for (const volume of options.volumes ?? []) state.volumes[volume] = [];
  });
  const api = await serveWorkspaceApi(store, options.giveCredential ?? emptyCredential);
  const runner = new AppRunner(store, { ...RUNNER, ...options.runner });
  const ingress = await Ingress.start(store, options.apps ?? 6, (name) => runner.targetOf(name));
  const bin = await putCliOnPath(folder);
  return {
    store,
    api,
    ingress,
    runner,
    path: [bin, process.env['PATH']].join(delimiter),
    app: (name) => store.peek().apps[name]!.app,
    token: (userName, lifeMs) => store.update((state) => issueToken(state, userName, lifeMs)).value,
    log: (name) => store.log(name),
    async close() {
      await runner.close();
      await ingress.close();
      await api.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
