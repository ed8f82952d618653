/** A release to try the stand-in platform with: an app that tells what reaches it, as files, and a way to put it up. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Platform } from './platform.ts';
import { ADMIN, type App } from './state.ts';

/** Answers with its environment and the headers, holds and streams on demand, and echoes the frames of a websocket. */
const SERVER = `
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { z } from 'zod';
const host = process.env.LISTEN ?? '0.0.0.0';
const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/api/exit') process.exit(3);
  if (path === '/api/never') return;
  if (path === '/api/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...(request.url.includes('now') && { 'x-accel-buffering': 'no' }) });
    response.write('data: 1\\n\\n');
    if (request.url.includes('end')) setTimeout(() => response.end('data: 2\\n\\n'), 100);
    return;
  }
  const { env, argv, pid } = process;
  response.end(JSON.stringify({ headers: request.headers, env, argv, pid, cwd: process.cwd(), isZod: typeof z.object === 'function' }));
});
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  const text = Buffer.from(JSON.stringify({ origin: request.headers.origin, user: request.headers['x-forwarded-user'] }).padEnd(126));
  socket.write(Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 255]), text]));
  socket.on('data', (bytes) => socket.write(Buffer.from([0x82, 4, ...bytes.subarray(0, 4)])));
  socket.on('error', () => {});
});
process.on('SIGTERM', () => { console.log('told to end'); if (!process.env.STUBBORN) process.exit(0); });
server.listen(process.env.DATABRICKS_APP_PORT, host, () => console.log('listening'));
`;

export const SAMPLE: Record<string, string> = {
  'app.yaml':
    'command: ["node", "server.mjs", "$DATABRICKS_APP_PORT", "$HOME"]\nenv:\n  - name: PLAIN\n    value: "1"\n',
  'package.json': JSON.stringify({ type: 'module', dependencies: { zod: '*' } }),
  'server.mjs': SERVER,
};

export async function call<Value = Record<string, unknown>>(
  platform: Platform,
  method: string,
  path: string,
  body?: unknown,
): Promise<Value> {
  const response = await fetch(`${platform.api.url}/api/2.0${path}`, {
    method,
    headers: { authorization: `Bearer ${platform.token(ADMIN)}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const value = (await response.json()) as Value;
  if (!response.ok) throw new Error((value as { message: string }).message);
  return value;
}

/** Puts files into the workspace and deploys them; resolves when the app runs or has crashed, or the deployment failed. */
export async function deploySample(
  platform: Platform,
  name: string,
  changes: Record<string, string> = {},
): Promise<App> {
  const state = () => platform.store.peek().apps[name];
  const look = () => call<App>(platform, 'GET', `/apps/${name}`);
  if (!state()) await call(platform, 'POST', '/apps', { name });
  while ((await look()).compute_status.state !== 'ACTIVE') await soon();
  const path = `/Workspace/Users/${ADMIN}/${name}/${state()!.deployments.length}`;
  const folder = join(platform.store.folder, 'workspace', path.replace('/Workspace', ''));
  for (const [file, text] of Object.entries({ ...SAMPLE, ...changes })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  await call(platform, 'POST', `/apps/${name}/deployments`, { source_code_path: path });
  for (;;) {
    const app = await look();
    if (!app.pending_deployment && app.app_status.state !== 'DEPLOYING') return app;
    await soon();
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
