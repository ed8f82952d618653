/** The files of sessions and what git says of them: the part of a backend that reads people's workspaces for their windows. */
import { join } from 'node:path';
import type { Router } from 'express';
import type { BackendConfig } from './config.ts';
import { changeRoutes } from './files/changeRoutes.ts';
import { ChangeReader } from './files/changes.ts';
import { fileRoutes } from './files/fileRoutes.ts';
import { SessionPlaces } from './files/sessionPlaces.ts';
import type { Caller } from './http/caller.ts';
import type { Workspace } from './projects/workspace.ts';
import type { SessionRegistry } from './sessions/sessionRegistry.ts';
import type { SessionService } from './sessions/sessionService.ts';
import type { SessionStore } from './sessions/sessionStore.ts';

export interface FilesWorld {
  registry: SessionRegistry;
  store: SessionStore;
  service: SessionService;
  workspaceOf: (email: string) => Workspace;
}

export async function openFiles(config: BackendConfig, world: FilesWorld): Promise<Router[]> {
  const { registry, store, service, workspaceOf } = world;
  const { SHARD_ID: shardId, HOLDFAST_HOME: home } = config;
  const places = new SessionPlaces({
    shardId,
    live: (id) => registry.get(id),
    stored: (id) => store.find(id),
    whyNotHere: (caller, id) => service.whyNotHere(caller, id),
    workspaceOf,
  });
  const placeOf = (caller: Caller, sessionId: string) => places.of(caller, sessionId);
  const changes = new ChangeReader(join(home, 'changes-scratch', shardId));
  await changes.clean();
  return [fileRoutes({ placeOf }), changeRoutes(changes, placeOf)];
}
