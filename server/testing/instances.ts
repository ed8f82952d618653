/** The processes and files of a running stack, seen from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { hostFileNames } from '../base/hostFile.ts';
import { HOST_PROTOCOL_VERSION } from '../ptyhost/hostProtocol.ts';
import type { Stack } from './stack.ts';

export { until } from './until.ts';

interface Secrets {
  adminPassword: string;
  databasePasswords: Record<string, string>;
  assertionKey: { private: JWK; public: JWK };
  hostKeys: Record<string, string>;
  screensKey: string;
  pushKey: JWK;
}

export function secretsOf({ home }: Stack): Secrets {
  return JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Secrets;
}

/** Every secret of the stack that must not appear anywhere else, as text. */
export function secretValues(stack: Stack): string[] {
  const { adminPassword, databasePasswords, assertionKey, hostKeys, screensKey, pushKey } = secretsOf(stack);
  return [
    adminPassword,
    screensKey,
    ...Object.values(databasePasswords),
    ...Object.values(hostKeys),
    assertionKey.private.d!,
    pushKey.d!,
  ];
}

/** Of the present version's host. */
export function hostPid({ home }: Pick<Stack, 'home'>, shardId: string): number {
  const { file } = hostFileNames(shardId, HOST_PROTOCOL_VERSION);
  return (JSON.parse(readFileSync(join(home, 'run', file), 'utf8')) as { pid: number }).pid;
}

export function postmasterPid({ home }: Stack): number {
  return Number(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** All descendants of a process, by /proc. */
export function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((other) => other > 0 && parentOf(other) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

/** Everything in the log folder, as one text. */
export function logsOf({ home }: Stack): string {
  const folder = join(home, 'logs');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** Log lines of failures that no request should be able to cause. */
export function failuresIn(stack: Stack): string[] {
  return logsOf(stack)
    .split('\n')
    .filter((line) => /uncaught exception|unhandled rejection|"code":"internal"|a socket request failed/.test(line));
}

/** Processes whose arguments name the stack's folder: everything of it that still runs. */
export function processesOf({ home }: Pick<Stack, 'home'>): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(commandOf).filter((command) => command.includes(home));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
