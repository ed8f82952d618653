import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Holdfast } from '../../client/index.ts';
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import { folderFor } from '../projects/workspace.ts';
import { AgentApi, LAST_WORDS } from './agentApi.ts';
import { findClaudeCode } from './claudeCode.ts';
import { feed, newTerminal, rowsOf } from './grid.ts';
import { send } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, headersOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

// Two shards whose people's files are on different disks, and a state store that both see.
let stack: Stack;
let disks: string;
beforeAll(async () => {
  disks = mkdtempSync(join(tmpdir(), 'hf-disks-'));
  stack = await startStack({
    env: {
      BACKEND_1_PEOPLE_DIR: join(disks, 'backend-1'),
      BACKEND_2_PEOPLE_DIR: join(disks, 'backend-2'),
      STATE_STORE: `folder:${join(disks, 'store')}`,
    },
  });
});
afterAll(async () => {
  await stack?.remove();
  rmSync(disks, { recursive: true, force: true, maxRetries: 10 });
});

const size = { cols: 100, rows: 30 };
const homeOn = (shardId: string, email: string) => join(disks, shardId, folderFor(email));

async function ask<T>(email: string, path: string, body: object) {
  const { text } = await send(stack.port, { method: 'POST', path, headers: headersOf(email), body });
  const answer = JSON.parse(text) as T & { error?: { code: string; message: string } };
  return { answer, code: answer.error?.code ?? 'ok' };
}

const openOn = (shardId: string, email: string, plan: object) =>
  ask<Session>(email, `/api/shards/${shardId}/v1/sessions`, { ...plan, ...size });

/** A project's directory on a shard, made a repository with something that is not committed. */
function beginWork(shardId: string, email: string) {
  const directory = join(homeOn(shardId, email), 'work/project');
  mkdirSync(directory, { recursive: true });
  const git = gitIn(directory);
  git('init', '-q', '-b', 'main');
  writeFileSync(join(directory, 'a.txt'), 'committed\n');
  git('add', '.');
  git('commit', '-qm', 'first');
  writeFileSync(join(directory, 'a.txt'), 'changed\n');
  writeFileSync(join(directory, 'new.txt'), 'untracked\n');
  return git;
}

function gitIn(directory: string) {
  const settings = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
  return (...args: string[]) => execFileSync('git', [...settings, ...args], { cwd: directory, encoding: 'utf8' });
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What is stored of a session has reached the store: its head is written last. */
async function whenStored(sessionId: string, incarnation: number): Promise<void> {
  const folder = join(disks, 'store/sessions', sessionId, String(incarnation));
  await until(() => {
    try {
      return readdirSync(folder).includes('head');
    } catch {
      return false;
    }
  });
}

const reviveOnce = (shardId: string, email: string, { id, incarnation }: Session) =>
  ask<Session>(email, `/api/shards/${shardId}/v1/sessions/${id}/revive`, { incarnation, ...size });

/** Revives a session at a shard as soon as its own one is given up. */
async function reviveAt(shardId: string, email: string, session: Session) {
  const revive = () => reviveOnce(shardId, email, session);
  let outcome = await revive();
  await until(async () => {
    if (outcome.code === 'session.owner_alive') outcome = await revive();
    return outcome.code !== 'session.owner_alive';
  });
  return outcome;
}

async function attached(hf: Holdfast, session: Session) {
  const terminal = await Terminal.attach(hf, session);
  onTestFinished(() => terminal.attachment.detach());
  return terminal;
}

test('an agent goes on at another shard with its conversation and its uncommitted work, if these were stored; a closed one leaves nothing', async () => {
  const email = 'ada@example.com';
  // A stand-in that keeps what the agent would keep, where the agent would keep it.
  const program = join(disks, 'claude');
  writeFileSync(
    program,
    `#!/bin/sh
folder="$HOME/.claude/projects/$(pwd | sed 's/[^a-zA-Z0-9]/-/g')"; mkdir -p "$folder"; record="$folder/$2.jsonl"
echo "began $1" >> "$record"; echo "records:$(wc -l < "$record"):"; exec cat
`,
    { mode: 0o755 },
  );
  const git = beginWork('backend-2', email);
  const hf = await clientOf(stack.port, email);
  const cwd = join(homeOn('backend-2', email), 'work/project');
  const { answer: opened } = await openOn('backend-2', email, { command: [program], cwd });
  const first = await attached(hf, opened);
  await until(() => first.text.includes('records:1:'));
  first.attachment.detach(); // stored soon when nobody looks
  await whenStored(opened.id, 1);
  expect(readFileSync(join(disks, 'store/sessions', opened.id, '1/head')).includes('conversation')).toBe(false);

  // One of which nothing can have been stored: it keeps nothing.
  const forgetful = join(disks, 'forgetful/claude');
  mkdirSync(join(disks, 'forgetful'));
  writeFileSync(forgetful, '#!/bin/sh\nexec cat\n', { mode: 0o755 });
  const { answer: bare } = await openOn('backend-2', email, { command: [forgetful] });

  const bringBack = await stack.processes.holdDown('backend-2', 'backend-2.host');
  const { answer: revived, code } = await reviveAt('backend-1', email, opened);
  expect([code, revived.incarnation]).toEqual(['ok', 2]);
  const refused = await reviveAt('backend-1', email, bare);
  expect([refused.code, refused.answer.error!.message]).toEqual([
    'session.agent_state_missing',
    expect.stringContaining('nothing of it was stored'),
  ]);
  const second = await attached(hf, revived);
  await until(() => second.text.includes('records:2:'));
  const told = second.text.replace(/\x1b\[[\d;]*m/g, '');
  const order = [
    'records:1:',
    'The conversation was restored',
    'were restored in',
    '── revived on backend-1',
    'records:2:',
  ];
  const places = order.map((part) => told.lastIndexOf(part));
  expect([places.includes(-1), places]).toEqual([false, [...places].sort((a, b) => a - b)]);
  const there = gitIn(join(homeOn('backend-1', email), 'work/project'));
  for (const args of [['status', '--porcelain'], ['diff'], ['log', '--format=%H']])
    expect(there(...args)).toBe(git(...args));

  await bringBack();
  // Told to end, a backend stores what was not stored yet. The life before stays for who could not be given it.
  await stack.processes.kill('backend-1', 'SIGTERM');
  expect(readdirSync(join(disks, 'store/sessions', opened.id)).sort()).toEqual(['1', '2']);
  await until(async () => (await hf.sessions.get(opened.id).catch(() => undefined))?.state === 'running');
  await hf.sessions.close(opened.id);
  await until(() => !readdirSync(join(disks, 'store/sessions')).includes(opened.id));
});

test('what was put away holds no program and no shard, and is woken at another one with its conversation and its work', async () => {
  const email = 'lin@example.com';
  const program = join(disks, 'leaving/claude');
  mkdirSync(join(disks, 'leaving'));
  // It writes its last words when it is told to end, as an agent does.
  writeFileSync(
    program,
    `#!/bin/sh
folder="$HOME/.claude/projects/$(pwd | sed 's/[^a-zA-Z0-9]/-/g')"; mkdir -p "$folder"; record="$folder/$2.jsonl"
trap 'echo "ended" >> "$record"; exit 0' HUP TERM
echo "began $1" >> "$record"; echo "pid:$$: records:$(wc -l < "$record"):"; while :; do sleep 1000; done
`,
    { mode: 0o755 },
  );
  const git = beginWork('backend-2', email);
  const hf = await clientOf(stack.port, email);
  const cwd = join(homeOn('backend-2', email), 'work/project');
  const { answer: opened } = await openOn('backend-2', email, { command: [program], cwd });
  const told: string[] = [];
  const chunks: Uint8Array[] = [];
  const text = () => Buffer.concat(chunks).toString();
  const watching = await hf.sessions.attach(opened.id, {
    from: 0,
    onOutput: (bytes) => void chunks.push(bytes),
    onExit: () => told.push('exit'),
    onState: (state, error) => told.push(error ? `${state}: ${error.code}` : state),
  });
  await until(() => text().includes('records:1:'));
  const pid = Number(/pid:(\d+):/.exec(text())![1]);

  // Asked for at the other shard, which passes it on.
  const path = `/api/shards/backend-1/v1/sessions/${opened.id}/put-away`;
  expect((await ask(email, path, { incarnation: 2 })).code).toBe('session.revived');
  expect((await ask('eve@example.com', path, { incarnation: 1 })).code).toBe('session.not_found');
  expect((await ask(email, path, { incarnation: 1, onlyIfIdle: true })).code).toBe('session.busy');
  expect(watching.state).toBe('live');
  const both = await Promise.all([ask<Session>(email, path, { incarnation: 1 }), hf.sessions.putAway(opened.id)]);
  expect([both[0].code, both[0].answer.state, both[1].state]).toEqual(['ok', 'hibernated', 'hibernated']);
  expect(isThere(pid)).toBe(false);
  await until(() => watching.state === 'ended');
  expect([told.includes('exit'), told.at(-1)]).toEqual([false, 'ended: session.hibernated']);
  await expect(hf.sessions.attach(opened.id, { onOutput: () => undefined })).rejects.toMatchObject({
    code: 'session.hibernated',
  });
  const { answer: again } = await ask<Session>(email, path, { incarnation: 1 });
  expect([again.state, again.incarnation, typeof again.endedAt]).toEqual(['hibernated', 1, 'string']);

  // Its shard is no longer needed: nobody waits until it counts as lost.
  const bringBack = await stack.processes.holdDown('backend-2', 'backend-2.host');
  const { answer: woken, code } = await reviveOnce('backend-1', email, opened);
  expect([code, woken.incarnation, woken.shardId]).toEqual(['ok', 2, 'backend-1']);
  expect((await reviveOnce('backend-1', email, opened)).code).toBe('session.revived');
  chunks.length = 0;
  const onOutput = (bytes: Uint8Array) => void chunks.push(bytes);
  const second = hf.sessions.attachTo(woken, { from: 0, onOutput }); // the gateway may still ask the other shard
  onTestFinished(() => second.detach());
  await until(() => text().includes('records:3:')); // its last words among them
  const lines = text().replace(/\x1b\[[\d;]*m/g, '');
  const order = ['records:1:', 'The conversation was restored', '── woken on backend-1', 'records:3:'];
  const places = order.map((part) => lines.lastIndexOf(part));
  expect([places.includes(-1), places]).toEqual([false, [...places].sort((a, b) => a - b)]);
  const there = gitIn(join(homeOn('backend-1', email), 'work/project'));
  for (const args of [['status', '--porcelain'], ['diff'], ['log', '--format=%H']])
    expect(there(...args)).toBe(git(...args));

  // Put away once more, and closed like that: nothing is left of it.
  await bringBack();
  await until(() => hf.sessions.get(opened.id).then(Boolean, () => false));
  expect((await hf.sessions.putAway(opened.id)).state).toBe('hibernated');
  expect(readdirSync(join(disks, 'store/sessions'))).toContain(opened.id);
  await hf.sessions.close(opened.id);
  await until(() => !readdirSync(join(disks, 'store/sessions')).includes(opened.id));
  expect((await hf.sessions.list()).map(({ id }) => id)).not.toContain(opened.id);
});

test('a backend that dies while it ends a session has it put away all the same, by the next one', async () => {
  const email = 'mary@example.com';
  const hf = await clientOf(stack.port, email);
  // It has to be killed, which takes some seconds; and it keeps something that must be there afterwards.
  const program = join(disks, 'keeping/claude');
  mkdirSync(join(disks, 'keeping'));
  writeFileSync(
    program,
    `#!/bin/sh
trap '' HUP TERM; mkdir -p "$HOME/.claude/projects/p"; echo "began $1" >> "$HOME/.claude/projects/p/$2.jsonl"
echo "pid:$$:"; while :; do sleep 1000; done
`,
    { mode: 0o755 },
  );
  /** As its row has it: the other shard knows nothing else. */
  const rowOf = async (id: string) => {
    const path = `/api/shards/backend-1/v1/sessions/${id}`;
    return JSON.parse((await send(stack.port, { path, headers: headersOf(email) })).text) as Session;
  };
  /** Undefined when the machine was so busy that it was over before anybody looked. */
  async function caughtAmidIt() {
    const { answer: opened } = await openOn('backend-2', email, { command: [program] });
    const terminal = await attached(hf, opened);
    await until(() => /pid:\d+:/.test(terminal.text));
    const pid = Number(/pid:(\d+):/.exec(terminal.text)![1]);
    hf.sessions.putAway(opened.id).catch(() => undefined); // whoever asked hears nothing
    await until(async () => (await rowOf(opened.id)).state === 'hibernated');
    const thaw = await stack.processes.freeze('backend-2.host');
    if ((await rowOf(opened.id)).endedAt === null && isThere(pid)) return { opened, pid, thaw };
    thaw();
    return undefined;
  }
  let caught;
  while (!caught) caught = await caughtAmidIt();
  const { opened, pid, thaw } = caught;
  const before = await stack.processes.kill('backend-2');
  thaw();
  await stack.processes.back('backend-2', before);
  await until(async () => (await rowOf(opened.id)).endedAt !== null);
  const { state, incarnation } = await rowOf(opened.id);
  expect([state, incarnation, isThere(pid)]).toEqual(['hibernated', 1, false]);
  const { code, answer: revived } = await reviveOnce('backend-1', email, opened);
  expect([code, revived.incarnation]).toEqual(['ok', 2]);
  const woken = await attached(hf, revived);
  await until(
    () => woken.text.includes('The conversation was restored') && woken.text.includes('── woken on backend-1'),
  );
  expect(woken.text).toContain(`pid:${pid}:`); // its last screen was kept, too
  await hf.sessions.close(opened.id);
});

test('Claude Code goes on at another shard with the conversation that it had', async ({ skip }) => {
  const claude = await findClaudeCode();
  if ('missing' in claude) return skip(claude.missing);
  const email = 'grace@example.com';
  // An answer that comes while the agent still writes down the question gets before it in the record; and what is resumed from
  // such a record ends with the question.
  const beforeAnswer = () => until(() => isRecorded(homeOn('backend-2', email), 'heliotrope'));
  const api = await AgentApi.start({ paragraphs: 3, pieceMs: 1, beforeAnswer });
  onTestFinished(() => api.close());
  const key = `sk-ant-${'stand-in-'.repeat(5)}`;
  for (const shardId of ['backend-1', 'backend-2']) {
    const home = homeOn(shardId, email);
    const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
    const settings = {
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
      projects: { [join(home, 'work/project')]: project },
    };
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
  }
  beginWork('backend-2', email);
  const { answer: project } = await ask<Project>(email, '/api/shards/backend-2/v1/projects', {
    name: 'Project',
    directory: 'project',
    preset: 'custom',
    command: [claude.program],
    environment: {
      ANTHROPIC_BASE_URL: api.url,
      ANTHROPIC_API_KEY: key,
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  });
  const hf = await clientOf(stack.port, email);
  const { answer: opened } = await openOn('backend-2', email, { projectId: project.id });
  const first = await drawn(hf, opened);
  await until(() => first.shows('Claude Code'));
  first.attachment.write('remember the word heliotrope');
  await until(() => first.shows('heliotrope'));
  first.attachment.write('\r');
  await until(() => first.shows(LAST_WORDS));
  first.attachment.detach();
  await whenStored(opened.id, 1);

  const bringBack = await stack.processes.holdDown('backend-2', 'backend-2.host');
  const { answer: revived, code } = await reviveAt('backend-1', email, opened);
  expect(code).toBe('ok');
  const second = await drawn(hf, revived);
  // Drawn by the agent itself, from its record: below the line that divides the two lives.
  await until(() => /revived on backend-1[^]*remember the word heliotrope[^]*the answer ends/.test(second.all()));
  second.attachment.write('and go on');
  await until(() => second.shows('and go on'));
  second.attachment.write('\r');
  await until(() => api.asked.some((text) => text.includes('heliotrope') && text.includes('and go on')));
  second.attachment.detach();
  await bringBack();
});

/** Whether an agent's record of a conversation, in some directory of this home, has the text. */
function isRecorded(home: string, text: string): boolean {
  const projects = join(home, '.claude/projects');
  if (!existsSync(projects)) return false;
  const records = readdirSync(projects, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.jsonl'),
  );
  return records.some((path) => readFileSync(join(projects, path), 'utf8').includes(text));
}

/** A terminal that shows what a session prints. */
async function drawn(hf: Holdfast, { id }: Session) {
  const terminal = newTerminal(size.cols, size.rows);
  const attachment = await hf.sessions.attach(id, { from: 0, onOutput: (bytes) => feed(terminal, bytes) });
  const all = () => {
    const { active } = terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return rows.join('\n').replaceAll('\u00a0', ' ');
  };
  const shows = (text: string) => rowsOf(terminal).some((row) => row.replaceAll('\u00a0', ' ').includes(text));
  return { attachment, all, shows };
}
