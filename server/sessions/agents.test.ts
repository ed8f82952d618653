import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { agentOf } from './agents.ts';
import { hasConversation } from '../state/agentFiles.ts';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

test('Claude Code is begun and resumed by an id of ours, its options kept', () => {
  const command = ['/opt/bin/claude', '--model', 'opus'];
  const agent = agentOf(command)!;
  expect([agent.start(command, ID), agent.resume(command, ID)]).toEqual([
    ['/opt/bin/claude', '--session-id', ID, '--model', 'opus'],
    ['/opt/bin/claude', '--resume', ID, '--model', 'opus'],
  ]);
});

test('who chose the conversation, or wants none, is left alone', () => {
  const commands = [
    ['claude', '--resume'],
    ['claude', '--resume=abc'],
    ['claude', '--model', 'opus', '--continue'],
    ['claude', '-c'],
    ['claude', '-p', 'say hello'],
    ['claude', '--print', 'say hello'],
    ['claude', '--session-id', ID],
    ['claude', 'mcp', 'list'],
    ['claude', 'mend the tests'],
  ];
  expect(commands.map(agentOf)).toEqual(commands.map(() => undefined));
});

test('no other program is taken for an agent', () => {
  const commands = [['bash', '-l'], ['/usr/bin/claudette'], ['vim', 'claude'], []];
  expect(commands.map(agentOf)).toEqual(commands.map(() => undefined));
  expect(
    [['claude'], ['claude', '--verbose'], ['claude', '--permission-mode', 'plan']].map((c) => agentOf(c)?.name),
  ).toEqual(Array(3).fill('Claude Code'));
});

test('a conversation is looked for where the agent would look for it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'hf-agent-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const agent = agentOf(['claude'])!;
  const has = (env: Record<string, string>) => hasConversation(agent.conversation(agent.directory(env), ID));
  expect(await has({ HOME: home })).toBe(false);
  for (const config of [join(home, '.claude'), join(home, 'elsewhere')]) {
    mkdirSync(join(config, 'projects/-srv-work'), { recursive: true });
    writeFileSync(join(config, `projects/-srv-work/${config.endsWith('elsewhere') ? 'other' : ID}.jsonl`), '{}\n');
  }
  expect(await has({ HOME: home })).toBe(true);
  expect(await has({ HOME: home, CLAUDE_CONFIG_DIR: join(home, 'elsewhere') })).toBe(false);
});
