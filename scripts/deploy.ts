/** The deployment to Databricks Apps, behind deploy-dual.sh, which builds first. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Apps } from './deploy/apps.ts';
import { deployBearer } from './deploy/bearer.ts';
import { databricksCli } from './deploy/cli.ts';
import * as commands from './deploy/commands.ts';
import type { Deployment } from './deploy/deployment.ts';
import { environment } from './deploy/env.ts';
import { Interruption } from './deploy/interruption.ts';
import { reportTo, sentence } from './deploy/report.ts';
import { readDeploySettings } from './deploy/settings.ts';
import { complain, say } from './supervisor/progress.ts';

async function main(): Promise<void> {
  const startedAt = performance.now();
  const settings = readDeploySettings(process.argv.slice(2), environment);
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const cli = databricksCli({ ...settings, print: say, environment: environment });
  const me = await cli.read<{ userName: string }>(['current-user', 'me']);
  const workshop = mkdtempSync(join(tmpdir(), 'holdfast-release-'));
  const interruption = new Interruption();
  if (settings.command.name === 'deploy')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => onSignal(interruption));
  const deployment: Deployment = {
    settings,
    cli,
    apps: new Apps(cli, settings.pollMs, interruption),
    report: reportTo(say, settings.isDryRun, interruption),
    interruption,
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
  if (settings.command.name === 'deploy') say(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
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

/** Once it is taken back, the second time left as it is: a run after that completes it. */
function onSignal(interruption: Interruption): void {
  if (interruption.ask()) return say('\n  Interrupted: what was begun is taken back. Once more to leave it as it is.');
  complain('\nLeft as it is; run it again to complete it.');
  process.exit(130);
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

main().then(
  () => process.exit(0),
  (error: unknown) => {
    complain(`\n${sentence(error)}`);
    process.exit(1);
  },
);
