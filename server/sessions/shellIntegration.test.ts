import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseOsc133, parseOsc633, type ShellMark } from '../../protocol/shellMarks.ts';
import { PtyTerminal } from '../testing/ptyTerminal.ts';
import { ShellIntegration } from './shellIntegration.ts';

const scripts = resolve(import.meta.dirname, '../shells');
let home: string;
let integration: ShellIntegration;
let terminal: PtyTerminal | null = null;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'hf-shells-')));
  integration = new ShellIntegration(scripts, join(home, 'shells of it'));
});
afterEach(async () => {
  terminal?.end();
  await terminal?.exit;
  terminal = null;
  rmSync(home, { recursive: true, force: true });
});

function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // on a person's machine; where the gates may install programs, they do
  }
}

function start(shell: string, args: string[], env: Record<string, string> = {}): PtyTerminal {
  const started = integration.apply(shell, { args, env: { HOME: home, ...env } });
  return (terminal = new PtyTerminal([shell, ...started.args], { env: started.env, cwd: home }));
}

const shows = (one: PtyTerminal, wanted: RegExp) =>
  one.waitUntil((rows) => wanted.test(rows.map((row) => row.trimEnd()).join('\n')));

/** The marks that were printed, and between them whatever of `words` was. */
function heard({ raw }: PtyTerminal, words: RegExp): string[] {
  const sequence = /\x1b\](133|633);([^\x07\x1b]*)(?:\x07|\x1b\\)/g;
  const all = [...raw.matchAll(new RegExp(`${sequence.source}|${words.source}`, 'g'))];
  return all.flatMap(([text, osc, data]) => {
    if (osc === undefined) return [text];
    const mark = osc === '133' ? parseOsc133(data!) : parseOsc633(data!);
    return mark === null ? [] : [said(mark)];
  });
}

function said(mark: ShellMark): string {
  if (mark.kind === 'cwd') return `cwd ${mark.path.slice(mark.path.lastIndexOf('/'))}`;
  if (mark.kind === 'text') return `text ${mark.text}`;
  return mark.kind === 'end' ? `end ${mark.exitCode}` : mark.kind;
}

const ODD = 'a;b\\c d';

test.skipIf(!isThere('bash'))('bash marks its prompts and commands, with all that its person has set up', async () => {
  mkdirSync(join(home, ODD));
  writeFileSync(join(home, '.bash_profile'), '. ~/.bashrc; echo from-"profile"\n');
  writeFileSync(
    join(home, '.bashrc'),
    `PROMPT_COMMAND='PS1="[$?] made-anew $ "; false'; alias again='echo by-"alias"'; set -u\n`,
  );
  const bash = start('bash', ['-l'], { ENV: '/its own' });
  await shows(bash, /from-profile\n\[0\] made-anew \$$/);
  bash.type('again; shopt -q login_shell && echo "env=$ENV $HISTFILE${POSIXLY_CORRECT-}"\r');
  await shows(bash, /^by-alias\nenv=\/its own .*\/\.bash_history\n\[0\] made-anew \$$/m);
  bash.type('\r');
  bash.type(`cd '${ODD}'\r`);
  bash.type('(exit 7)\r');
  await shows(bash, /^\[7\] made-anew \$$/m);
  expect(heard(bash, /by-alias/)).toEqual([
    ...[`cwd ${home.slice(home.lastIndexOf('/'))}`, 'prompt', 'command', 'output', 'by-alias', 'end 0'],
    ...['prompt', 'command', 'prompt', 'command', 'output', 'end 0'],
    ...[`cwd /${ODD}`, 'prompt', 'command', 'output', 'end 7', 'prompt', 'command'],
  ]);
});

test.skipIf(!isThere('bash'))(
  'a bash that is no login shell reads what such a one reads, and keeps marks of its person’s own',
  async () => {
    writeFileSync(join(home, '.bashrc'), String.raw`PS1='\[\e]133;A\a\]mine $ \[\e]133;B\a\]'` + '\n');
    writeFileSync(join(home, '.bash_profile'), 'echo not-"this"\n');
    const bash = start('bash', ['-i']);
    await shows(bash, /^mine \$$/m);
    bash.type('echo "ps1=$PS1"\r');
    await shows(bash, /^ps1=.*\n.*mine \$$/m);
    expect(bash.raw).not.toContain('not-this');
    expect(heard(bash, /nothing/).slice(1)).toEqual(['prompt', 'command', 'output', 'end 0', 'prompt', 'command']);
  },
);

test.skipIf(!isThere('zsh'))('zsh marks its prompts and commands, with all that its person has set up', async () => {
  mkdirSync(join(home, ODD));
  mkdirSync(join(home, 'dots'));
  writeFileSync(join(home, 'dots/.zshenv'), 'typeset from_env=env\n');
  writeFileSync(
    join(home, 'dots/.zshrc'),
    'precmd() { PS1="[$?] $from_env made-anew %% " }\nalias again=\'echo by-"alias"\'\n',
  );
  const zsh = start('zsh', ['-l'], { ZDOTDIR: join(home, 'dots') });
  await shows(zsh, /^\[0\] env made-anew %$/m);
  zsh.type('again; echo "dots=$ZDOTDIR"\r');
  await shows(zsh, /^by-alias\ndots=.*\/dots\n\[0\] env made-anew %$/m);
  zsh.type('\r');
  await shows(zsh, /%\n\[0\] env made-anew %$/);
  zsh.type(`cd '${ODD}'\r`);
  await shows(zsh, /c d'\n\[0\] env made-anew %$/);
  zsh.type('(exit 7)\r');
  await shows(zsh, /^\[7\] env made-anew %$/m);
  const here = `cwd ${home.slice(home.lastIndexOf('/'))}`;
  expect(heard(zsh, /by-alias/)).toEqual([
    ...[here, 'prompt', 'command', 'text again; echo "dots=$ZDOTDIR"', 'output', 'by-alias', 'end 0'],
    ...[here, 'prompt', 'command', here, 'prompt', 'command', `text cd '${ODD}'`, 'output', 'end 0'],
    ...[`cwd /${ODD}`, 'prompt', 'command', 'text (exit 7)', 'output', 'end 7', `cwd /${ODD}`, 'prompt', 'command'],
  ]);
});

test.skipIf(!isThere('fish'))('fish marks its prompts and commands, with all that its person has set up', async () => {
  mkdirSync(join(home, ODD));
  mkdirSync(join(home, '.config/fish'), { recursive: true });
  writeFileSync(
    join(home, '.config/fish/config.fish'),
    `function fish_prompt; echo "made $status > "; end; set -g fish_greeting\n`,
  );
  const fish = start('fish', ['-l'], { XDG_DATA_DIRS: '/usr/share' });
  await shows(fish, /^made 0 >$/m);
  fish.type('echo "dirs=$XDG_DATA_DIRS"\r');
  await shows(fish, /^dirs=\/usr\/share\nmade 0 >$/m);
  fish.type(`cd '${ODD}'\r`);
  await shows(fish, /c d'\nmade 0 >$/);
  fish.type('sh -c "exit 7"\r');
  await shows(fish, /^made 7 >$/m);
  const here = `cwd ${home.slice(home.lastIndexOf('/'))}`;
  expect(heard(fish, /dirs=\/usr/)).toEqual([
    ...[here, 'prompt', 'text echo "dirs=$XDG_DATA_DIRS"', 'output', 'dirs=/usr', 'end 0'],
    ...[here, 'prompt', `text cd '${ODD}'`, 'output', 'end 0'],
    ...[`cwd /${ODD}`, 'prompt', 'text sh -c "exit 7"', 'output', 'end 7', `cwd /${ODD}`, 'prompt'],
  ]);
});

test('what is no interactive shell is started as it was asked for, and so is everything for whom wants none of it', () => {
  const start = (args: string[], env = {}) => ({ args, env });
  for (const [program, args] of [
    ['/bin/bash', ['-c', 'true']],
    ['/bin/bash', ['script.sh']],
    ['/bin/dash', ['-l']],
    ['/usr/bin/constructor', []],
  ] as const) {
    const given = start([...args]);
    expect(integration.apply(program, given)).toBe(given);
  }
  const unwanted = start(['-l'], { HOLDFAST_SHELL_INTEGRATION: 'off' });
  expect(integration.apply('/bin/bash', unwanted)).toBe(unwanted);
  rmSync(join(home, 'shells of it'), { recursive: true });
  const scriptless = start(['-l']);
  expect(integration.apply('/bin/bash', scriptless)).toBe(scriptless);
});
