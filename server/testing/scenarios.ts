/** What is recorded: programs, what is typed to them, and when their window changes. */

export interface Scenario {
  name: string;
  command: string[];
  cols: number;
  rows: number;
  env?: Record<string, string>;
  /** Written to the working directory before. */
  files?: Record<string, string>;
  /** Keys, or a new size; before each the program is waited for. */
  steps: (string | { cols: number; rows: number })[];
}

const CODE = `/** Greets. */
export function greet(name: string, times = 3): string[] {
  const words: string[] = [];
  for (let i = 0; i < times; i++) {
    if (name === '') throw new Error('nobody'); // a long comment that goes on beyond the right margin of a narrow window
    words.push(\`hello \${name} — \${i}\`);
  }
  return words;
}
`;
const LINES = Array.from({ length: 300 }, (_, i) => `${i + 1}\tline ${'lorem ipsum dolor '.repeat(i % 7)}`).join('\n');
/** Alone in namespaces of its own: the processes and the name of this machine are not seen. */
const ALONE = ['/usr/bin/unshare', '--pid', '--fork', '--mount-proc', '--uts', '/bin/sh', '-c'];
const alone = (command: string) => [...ALONE, `hostname recorder; exec ${command}`];
const TMUX = '/usr/bin/tmux -L holdfast-recording';
const WIDE = String.raw`
printf '漢字かな交じり文 and text 🎉 party 👩‍👩‍👧 family 🇩🇪 flag ❤️ heart\r\n'
printf 'e\xcc\x81 a\xcc\x88\xcc\xa3 combining ก็ न्दि ① ambiguous\r\n'
for i in 1 2 3 4 5 6 7 8 9; do printf '漢字%s🚀' "$i$i"; done; echo
printf '\033[44m色 colour\033[K\033[m\r\n\033[7m反転 inverse 🎨\033[m\r\n'
printf 'x漢y\b\b\bz🎉\r\033[2C=\r\n'
`;
const LINKS = String.raw`
printf 'see \033]8;;https://example.com/one\033\\the first\033]8;;\033\\ and \033]8;id=two;https://example.com/two?a=1;b=2\033\\the second,\r\n'
printf 'which goes on\033]8;;\033\\ here; \033[4:3;58:2::255:0:0mcurly\033[m \033[4:4mdotted \033[58;5;33mblue\033[m \033[53mover\033[m \033[9mgone\033[m\r\n'
printf '\033]2;a title\007\033]4;1;#ff8800\007\033]11;rgb:10/20/30\007\033[31mpalette\033[m \033[5 q'
`;
const PROGRESS = String.raw`
for i in $(seq 0 4 100); do printf '\r\033[K[%-50s] %3d%%' "$(printf '#%.0s' $(seq 1 $((i / 2 + 1))))" "$i"; done; echo
seq 1 60
for n in 1 2 3; do printf '\033[A\033[2K\033[3%smrewritten %s\033[m\r\n' $n $n; done
printf '\033[5;15r\033[15;1H'; seq 1 20; printf '\033[r\033[20;1H'
printf '\0337\033[1;60H\033[7m clock \033[m\0338after\r\n'
tput smacs; echo lqqqqk; echo x    x; echo mqqqqj; tput rmacs
printf '%0120d\n' 7
`;

export function scenarios(home: string): Scenario[] {
  const shell = ['/bin/bash', '--norc', '--noprofile', '-i'];
  const claude = process.env.CLAUDE_CODE;
  return [
    {
      name: 'vim',
      command: ['/usr/bin/vim', '-u', 'NONE', '-i', 'NONE', '-N', '-c', 'syntax on | set number mouse=a', 'greet.ts'],
      cols: 80,
      rows: 24,
      files: { 'greet.ts': CODE, 'lines.txt': LINES },
      steps: [
        'jjwcwWORD\x1b',
        'oconst umlaut = "äöü 漢字";\x1b',
        ':vsplit lines.txt\r',
        '\x06\x06',
        ':split\r',
        '/lorem\r',
        'nnn',
        { cols: 100, rows: 30 },
        '\x17l',
        'ggVGd',
        'u',
        ':!echo shell\r',
        '\r',
        ':qa!\r',
      ],
    },
    {
      name: 'less',
      command: ['/usr/bin/less', '--mouse', '-R', '-N', 'lines.txt'],
      cols: 60,
      rows: 20,
      files: { 'lines.txt': LINES },
      steps: [
        '  ',
        'b',
        '/dolor\r',
        'nn',
        '\x1b[<65;5;5M\x1b[<65;5;5M',
        { cols: 50, rows: 15 },
        'G',
        'g',
        '-S\r',
        '\x1b[C',
        'q',
      ],
    },
    {
      name: 'htop',
      command: alone('/usr/bin/htop -d 5'),
      cols: 100,
      rows: 24,
      steps: ['\x1b[B\x1b[B', 't', '\x1bOR', '\x1b', { cols: 70, rows: 18 }, '\x1bOQ', '\x1b', 'q'],
    },
    {
      name: 'tmux',
      // Its server would outlive it.
      command: ['/bin/sh', '-c', `${TMUX} -f tmux.conf new-session '${shell.join(' ')}'; ${TMUX} kill-server`],
      cols: 90,
      rows: 26,
      files: {
        'tmux.conf': `set -g status-right "right"\nset -g mouse on\nset -g default-command "${shell.join(' ')}"\n`,
        'lines.txt': LINES,
      },
      steps: [
        'PS1="$ "; clear\r',
        'seq 1 40\r',
        '\x02%',
        'PS1="$ "; ls -la --time-style=+; echo "\x1b[32mgreen\x1b[m"\r',
        '\x02"',
        'cat lines.txt\r',
        '\x02o',
        '\x02[',
        '\x1b[5~',
        'q',
        { cols: 70, rows: 20 },
        '\x02z',
        '\x02d',
      ],
    },
    {
      name: 'mc',
      command: alone(`/usr/bin/mc --nosubshell --skin=default ${home} ${home}`),
      cols: 80,
      rows: 24,
      files: { 'greet.ts': CODE, 'lines.txt': LINES },
      steps: [
        '\x1b[B',
        '\x1bOR',
        '\x1b[6~',
        '\x1b[21~',
        '\x1b[20~',
        '\x1b[<0;30;10M\x1b[<0;30;10m',
        '\x1b\x1b',
        '\x1b[21~',
        '\r',
      ],
    },
    {
      name: 'dialog',
      command: [
        '/usr/bin/dialog',
        '--mouse',
        '--menu',
        'Choose',
        '15',
        '40',
        '5',
        'a',
        'first',
        'b',
        'second',
        'c',
        'third',
      ],
      cols: 80,
      rows: 24,
      steps: ['\x1b[B', '\x1b[M\x20\x3a\x2c', '\t', '\r'],
    },
    {
      name: 'wide',
      command: ['/bin/bash', 'wide.sh'],
      cols: 48,
      rows: 12,
      files: { 'wide.sh': WIDE },
      steps: [],
    },
    { name: 'links', command: ['/bin/bash', 'links.sh'], cols: 60, rows: 12, files: { 'links.sh': LINKS }, steps: [] },
    {
      name: 'shell',
      command: shell,
      cols: 72,
      rows: 22,
      files: { 'progress.sh': PROGRESS, 'lines.txt': LINES },
      steps: [
        'PS1="$ "; clear\r',
        'bash progress.sh\r',
        'head -c 6000 lines.txt\r',
        { cols: 50, rows: 22 },
        'ls --color=always -la --time-style=+\r',
        'clear\r',
        'printf "\\033[3J"; echo a long command that wraps around the right margin of the window for sure',
        '\x01\x1b[C\x1b[C\x0b\x19\r',
        'exit\r',
      ],
    },
    ...(claude
      ? [
          {
            name: 'claude',
            command: [claude],
            cols: 100,
            rows: 30,
            env: {
              ANTHROPIC_BASE_URL: process.env.CLAUDE_API ?? '',
              ANTHROPIC_API_KEY: `sk-ant-${'recording'.repeat(3)}`,
              DISABLE_AUTOUPDATER: '1',
              CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
            },
            files: { '.claude.json': claudeSettings(home), 'greet.ts': CODE },
            steps: [
              '',
              '',
              'Tell me about this',
              '\r',
              '',
              '',
              { cols: 80, rows: 24 },
              '/help',
              '\r',
              '\x1b',
              '\x03',
              '\x03',
            ],
          },
        ]
      : []),
  ];
}

function claudeSettings(home: string): string {
  return JSON.stringify({
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [`sk-ant-${'recording'.repeat(3)}`.slice(-20)], rejected: [] },
    projects: { [home]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  });
}
