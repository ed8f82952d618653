import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compressFiles } from '../../scripts/build/compress.ts';
import { staticApp } from './staticApp.ts';

const SCRIPT = 'let bytes = 1;\n'.repeat(200);
const folder = mkdtempSync(join(tmpdir(), 'hf-static-'));
const server = createServer();
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<title>the page</title>');
  writeFileSync(join(folder, 'assets/first.js'), SCRIPT);
  writeFileSync(join(folder, 'assets/image.png'), 'not compressed');
  await compressFiles(folder);
  server.on('request', express().use(staticApp(folder)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function get(path: string, encodings: string) {
  const { port } = server.address() as { port: number };
  const chunks: Buffer[] = [];
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    request({ port, path, headers: { 'Accept-Encoding': encodings } }, resolve)
      .once('error', reject)
      .end(),
  );
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode: status, headers } = response;
  return { status, headers, body: Buffer.concat(chunks) };
}

test('who understands a compressed twin is sent it, with the type and the life of the file itself', async () => {
  const { headers, body } = await get('/assets/first.js', 'gzip, deflate, br');
  expect(brotliDecompressSync(body).toString()).toBe(SCRIPT);
  expect(headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': 'text/javascript; charset=UTF-8',
    vary: 'Accept-Encoding',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect((await get('/assets/first.js', 'gzip')).headers['content-encoding']).toBe('gzip');
});

test('everybody else is sent the file, and what is missing stays missing', async () => {
  const plain = await get('/assets/first.js', 'identity');
  expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, SCRIPT]);
  const image = await get('/assets/image.png', 'br');
  expect([image.headers['content-encoding'], image.body.toString()]).toEqual([undefined, 'not compressed']);
  expect((await get('/assets/gone.js', 'br')).status).toBe(404);
  expect((await get('/any/place', 'br')).body.toString()).toBe('<title>the page</title>');
});
