/** The real Claude Code for tests, from the registry into a cache of this clone; never a dependency of the project. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = '@anthropic-ai/claude-code';
const VERSION = '2.1.197';
const cache = resolve(import.meta.dirname, `../../node_modules/.cache/claude-code-${VERSION}`);
const run = promisify(execFile);

/** Its program, or why there is none: the registry may be out of reach. */
export async function findClaudeCode(): Promise<{ program: string } | { missing: string }> {
  const program = join(cache, 'node_modules/.bin/claude');
  try {
    if (!existsSync(program)) {
      mkdirSync(cache, { recursive: true });
      // Its install script puts the native program of this platform in its place.
      writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true, allowScripts: { [PACKAGE]: true } }));
      await run('npm', ['install', '--no-save', '--no-fund', '--no-audit', `${PACKAGE}@${VERSION}`], { cwd: cache });
    }
    await run(program, ['--version'], { env: { PATH: process.env.PATH ?? '', HOME: cache } });
    return { program };
  } catch (error) {
    return { missing: `Claude Code ${VERSION} cannot be installed or run: ${(error as Error).message.split('\n')[0]}` };
  }
}

export interface AgentPlace {
  /** A shell script that starts the agent with a home of its own and a model that is not one. */
  script: string;
  remove(): void;
}

/** A home in which nothing is asked at the start. */
export function prepareAgent(program: string, apiUrl: string): AgentPlace {
  const home = mkdtempSync(join(tmpdir(), 'hf-agent-'));
  const work = join(home, 'work');
  mkdirSync(work);
  const key = `sk-ant-${'stand-in-'.repeat(5)}`;
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
    projects: { [work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
  writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
  const environment = {
    HOME: home,
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: key,
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  const settingsOf = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
  const script = join(home, 'agent.sh');
  writeFileSync(script, `${settingsOf.join('')}cd '${work}'\nclear\nexec '${program}'\n`);
  return { script, remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 10 }) };
}
