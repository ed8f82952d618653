/** The deployment to Databricks Apps, behind deploy-dual.sh, which builds first. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../protocol/errors.ts';
import { Apps } from './deploy/apps.ts';
import { deployBearer } from './deploy/bearer.ts';
import { CliError, databricksCli, shown } from './deploy/cli.ts';
import * as commands from './deploy/commands.ts';
import type { Deployment } from './deploy/deployment.ts';
import { environment } from './deploy/env.ts';
import { reportTo } from './deploy/report.ts';
import { readDeploySettings } from './deploy/settings.ts';
import { complain, say } from './supervisor/progress.ts';

async function main(): Promise<void> {
  const startedAt = performance.now();
  const settings = readDeploySettings(process.argv.slice(2), environment);
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const cli = databricksCli({ ...settings, print: say, environment: environment });
  const me = await cli.read<{ userName: string }>(['current-user', 'me']);
  const workshop = mkdtempSync(join(tmpdir(), 'holdfast-release-'));
  const deployment: Deployment = {
    settings,
    cli,
    apps: new Apps(cli, settings.pollMs),
    report: reportTo(say, settings.isDryRun),
    bearer: deployBearer(cli, environment),
    environment,
    root,
    workshop,
    releaseId: releaseId(root),
    me,
  };
  try {
    await run(deployment);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  say(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
}

function run(deployment: Deployment): Promise<void> {
  const { command } = deployment.settings;
  switch (command.name) {
    case 'deploy':
      return commands.deploy(deployment);
    case 'status':
      return commands.status(deployment);
    case 'logs':
      return commands.logs(deployment, command.app);
    case 'rollback':
      return commands.rollback(deployment);
    case 'drain':
      return commands.drain(deployment, command.shardId, command.isOff);
  }
}

/** `20261125-041530-6a59d68`: sorts by time, and names the commit. */
function releaseId(root: string): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  try {
    const commit = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `${time}-${commit.toString().trim()}`;
  } catch {
    return time; // not a git worktree
  }
}

/** What is expected is said in a sentence; anything else is a mistake of ours and keeps its stack. */
function sentence(error: unknown): string {
  if (error instanceof AppError) return `${error.message[0]!.toUpperCase()}${error.message.slice(1)}.`;
  if (error instanceof CliError) return `${shown(error.args)} failed: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    complain(`\n${sentence(error)}`);
    process.exit(1);
  },
);
