/** The window's connection, for components. */
import { inject } from 'vue';
import type { InjectionKey } from 'vue';
import type { Connection } from './connection.ts';

export const connectionKey: InjectionKey<Connection> = Symbol('connection');

export function useConnection(): Connection {
  const connection = inject(connectionKey);
  if (!connection) throw new Error('no connection was provided');
  return connection;
}
