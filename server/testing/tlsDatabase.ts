/** A PostgreSQL that encrypts, with a certificate of an authority that nobody knows. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { candidateDirs, findBinaries } from '../../db/embedded/binaries.ts';
import { ADMIN_ROLE, initCluster, unprivileged } from '../../db/embedded/cluster.ts';
import { freePort } from './freePorts.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface TlsDatabase {
  host: string;
  port: number;
  user: string;
  password: string;
  /** A file with the certificate of its authority. */
  authority: string;
  remove(): Promise<void>;
}

/** Rejects with ENOENT where there is no openssl. */
export async function startTlsDatabase(): Promise<TlsDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'hf-tls-'));
  const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };
  const binaries = findBinaries(null, candidateDirs(environment.PATH));
  const password = 'only-for-this-run';
  const dataDir = join(folder, 'data');
  await Promise.all([
    makeCertificates(folder),
    initCluster({ dataDir, adminPassword: password, isDurable: false, binaries, environment }),
  ]);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = unprivileged([binaries.postgres, '-D', dataDir, ...options]);
  const server = spawn(command, args, { stdio: 'ignore', env: environment });
  const place = { host: 'localhost', port, user: ADMIN_ROLE, password };
  await until(() => server.exitCode !== null || isAnswering(place));
  if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
  return {
    ...place,
    authority: join(folder, 'ca.crt'),
    async remove() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An authority, and a server's certificate that it signed for `localhost`. */
async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
    '-subj',
    '/CN=nobody knows',
  );
  await openssl('req', ...NEW_KEY, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost');
  const signer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('names')];
  await openssl('x509', '-req', '-in', file('server.csr'), '-out', file('server.crt'), '-days', '1', ...signer);
}

async function isAnswering(place: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...place, database: 'postgres', ssl: { rejectUnauthorized: false } });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
