/** From clone to a place to work in: checks Node, installs the packages, and says what the gates lack. Plain JavaScript, because nothing is installed yet. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fail, installPackages, isInstalled, unsupported } from './installation.mjs';

const HELP = `scripts/setup

Checks Node, installs the packages of the lockfile when they are not there, and says what is missing for the gates and
what they do about it. Run it again whenever the lockfile has changed.`;

/** What the gates use beside Node: how to see that it is there, and what is missed without it. */
const programs = [
  { name: 'git', isThere: () => hasProgram('git'), without: 'nothing can be committed' },
  {
    name: 'chromium',
    isThere: () => hasProgram('chromium'),
    without: 'the tests end to end fail; the gates install it where they may',
  },
  {
    name: 'postgresql-15',
    isThere: () => existsSync('/usr/lib/postgresql/15/bin/postgres'),
    without: 'the database tests run on the embedded server only; the gates install it where they may',
  },
  { name: 'vim', isThere: () => hasProgram('vim'), without: 'its tests say that they are skipped' },
  { name: 'debootstrap', isThere: () => hasProgram('debootstrap'), without: 'scripts/tryImage.sh cannot run' },
];

/** Along the PATH, without running anything. */
function hasProgram(name) {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' }).status === 0;
}

function main(args) {
  if (args.includes('--help') || args.includes('-h')) return console.log(HELP);
  if (args.length > 0) fail(`${args[0]} is not an option of setup; --help is.`);
  const reason = unsupported();
  if (reason) fail(reason);
  console.log(`  Node ${process.versions.node} will do.`);
  if (!isInstalled()) installPackages();
  console.log('  The packages are those of the lockfile.');
  const missing = programs.filter(({ isThere }) => !isThere());
  for (const { name, without } of missing) console.log(`  ${name} is missing: ${without}.`);
  if (missing.length === 0) console.log('  Nothing is missing for the gates.');
  console.log('Next: scripts/dev to work, bash gates.sh fast before a commit.');
}

main(process.argv.slice(2));
