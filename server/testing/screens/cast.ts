/** Projects and sessions with real programs in them, in every state that a session can be in. */
import { listPreferences, putPreference } from '../../../protocol/preferences.ts';
import { createProject, updateProject } from '../../../protocol/projects.ts';
import { getStoredScreen, type Session } from '../../../protocol/sessions.ts';
import type { Backend } from '../processes.ts';
import { waitForScreen } from '../browser.ts';
import { until } from '../until.ts';
import type { Scene } from './scene.ts';
import { HOME } from './stage.ts';

const PROJECTS = ['holdfast', 'website', 'notes', 'old-prototype'];
const PROMPT = '\x1b]133;B\x07';

interface Part {
  name: string;
  project: string;
  /** Absent: the person's shell. */
  command?: string[];
  /** Typed, each when the shell asks for it. */
  lines?: string[];
  /** Shown when it is where it should be. */
  shows?: string;
}

const PARTS: Part[] = [
  {
    name: 'shell',
    project: 'holdfast',
    lines: [
      'git log --oneline --graph --decorate --color',
      'git -c color.status=always status --short',
      'cat docs/missing.md',
      'git diff --stat --color',
    ],
  },
  { name: 'tests', project: 'holdfast', lines: [`${HOME}/bin/check`], shows: 'offset 64' },
  {
    name: 'editor',
    project: 'holdfast',
    command: ['vim', '-u', 'NONE', '-nN', '+syntax on', '+set number laststatus=2', '+7', 'src/log.ts'],
    shows: 'OutputLog',
  },
  {
    name: 'agent',
    project: 'website',
    lines: [
      String.raw`clear; printf '\e]9;Claude needs your permission to use Bash\a'; read -p "Run npm test? [y/n] "`,
    ],
    shows: '[y/n]',
  },
  {
    name: 'server',
    project: 'website',
    command: ['/bin/sh', '-c', 'seq -f "GET /tour/%g 200" 12; exec cat'],
    shows: '/12 200',
  },
  { name: 'build', project: 'website', command: ['/bin/sh', '-c', 'cat release.md'] },
  { name: 'spelling', project: 'notes', command: ['/bin/sh', '-c', 'echo "3 files, no mistakes"'] },
  { name: 'marked', project: 'notes', lines: ['clear'] },
  { name: 'review', project: 'notes', lines: ['echo "Read the second half."'], shows: 'half.\r' },
];

/** Opens them all; those that end have ended when it resolves. */
export async function bringIn(scene: Scene): Promise<void> {
  const { hf } = scene;
  await endTour(scene);
  const ids = new Map<string, string>();
  for (const name of PROJECTS) {
    const { id } = await hf.call(createProject, { name, directory: `${HOME}/${name}` });
    ids.set(name, id);
  }
  await hf.call(updateProject, { projectId: ids.get('old-prototype')!, archived: true });
  // One after the other, because the list has them in this order; what they show comes when it comes.
  const shown: Promise<void>[] = [];
  for (const part of PARTS) {
    const session = await open(scene, part, ids.get(part.project)!);
    scene.sessions.set(part.name, session);
    shown.push(show(scene, part, session));
  }
  await Promise.all(shown);
  await hf.sessions.putAway(scene.id('review'), { evenIfNotStored: true });
  for (const name of ['build', 'spelling'])
    await until(async () => (await hf.sessions.get(scene.id(name))).state === 'exited');
}

function open({ hf, size }: Scene, { name, command }: Part, projectId: string): Promise<Session> {
  const [cols, rows] = size.phone ? [46, 40] : size.width > 1200 ? [140, 46] : [92, 36];
  return hf.sessions.open({ projectId, name, cols, rows, ...(command ? { command } : {}) });
}

async function show({ hf }: Scene, { lines = [], shows }: Part, { id }: Session): Promise<void> {
  if (lines.length === 0 && !shows) return;
  let text = '';
  const onOutput = (bytes: Uint8Array) => void (text += Buffer.from(bytes).toString());
  const terminal = await hf.sessions.attach(id, { from: 0, onOutput });
  const prompts = () => text.split(PROMPT).length - 1;
  for (const [i, line] of lines.entries()) {
    await until(() => prompts() > i);
    terminal.write(`${line}\r`);
  }
  await until(() => (shows ? text.includes(shows) : prompts() > lines.length));
  terminal.detach();
}

/** Also where the view of it was not asked for. */
async function endTour({ hf }: Scene): Promise<void> {
  const { documents } = await hf.call(listPreferences, {});
  const settings = documents.find(({ name }) => name === 'settings');
  if (settings?.value['isTourSeen'] === true) return;
  const value = { ...settings?.value, isTourSeen: true };
  await hf.call(putPreference, { name: 'settings', revision: settings?.revision ?? 0, value });
}

/** One more session on the other shard, which is then gone for good. */
export async function lose(scene: Scene): Promise<void> {
  const { stage, hf } = scene;
  const { shardId, projectId } = await hf.sessions.get(scene.id('server'));
  const other: Backend = shardId === 'backend-1' ? 'backend-2' : 'backend-1';
  const answer = await scene.page.request.post(`${stage.origin}/api/shards/${other}/v1/sessions`, {
    headers: { Origin: stage.origin },
    data: {
      projectId,
      name: 'deploy',
      command: ['/bin/sh', '-c', 'seq -f "step %g of 9" 3; exec cat'],
      cols: 80,
      rows: 24,
    },
  });
  const session = (await answer.json()) as Session;
  scene.sessions.set('deploy', session);
  // Its screen is kept for whoever has looked at it.
  await scene.openWindow('deploy');
  await waitForScreen(scene.page, /step 3/);
  await until(async () => {
    const stored = await hf.call(getStoredScreen, { sessionId: session.id }).catch(() => null);
    return stored !== null && stored.screen.includes('step 3');
  });
  await stage.stack.processes.holdDown(other, `${other}.host`);
  await scene.page.getByTestId('lost-strip').waitFor();
}
