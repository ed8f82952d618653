/** `npm run attach`: a session of Holdfast in the terminal that you are in. */
import { constants } from 'node:os';
import { openHoldfast } from '../client/index.ts';
import type { ConnectionStatus, Holdfast } from '../client/types.ts';
import { AppError } from '../protocol/errors.ts';
import { listProjects } from '../protocol/projects.ts';
import type { Session } from '../protocol/sessions.ts';
import { tokenIdOf } from '../protocol/tokens.ts';
import { parseArguments, USAGE, type AttachArguments } from './attach/arguments.ts';
import { askHidden, pick } from './attach/asking.ts';
import { readAttachEnvironment, type AttachEnvironment } from './attach/env.ts';
import { LocalTerminal } from './attach/localTerminal.ts';
import { savedToken, saveToken } from './attach/savedTokens.ts';
import { SessionView, type Outcome } from './attach/sessionView.ts';

const LEAVING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** What the process says with its exit code when nothing of the program's is to be said. */
const CODES = { detached: 0, refused: 1, usage: 2 };

async function main(): Promise<number> {
  const given = parseArguments(process.argv.slice(2));
  if (given.isHelp) {
    process.stdout.write(USAGE);
    return 0;
  }
  const terminal = LocalTerminal.open();
  const headers = await headersFor(given, readAttachEnvironment(), terminal);
  if (!headers) return 128 + constants.signals.SIGINT;
  let onConnection: (status: ConnectionStatus) => void = () => undefined;
  const hf = await openHoldfast({ url: given.url, headers, onConnection: (status) => onConnection(status) });
  const session = await chooseSession(hf, given, terminal);
  if (!session) return CODES.detached;

  const key = given.detachKey ? `${given.detachKey.name} detaches, twice sends it` : 'no key detaches';
  const name = session.name.replace(/\p{Cc}/gu, ' ');
  tell(`${name} on ${session.shardId}${given.isReadOnly ? ', read-only' : ''} · ${key}`);
  const { isReadOnly, detachKey } = given;
  const view = new SessionView(terminal, { isReadOnly, detachKey, title: `${name} · ${key}` });
  onConnection = (status) => view.onConnection(status);
  leaveOn(view, terminal);
  terminal.enterRaw();
  view.attach(hf, session);
  const outcome = await view.outcome;
  await terminal.leave(view.restoring());
  hf.close();
  return report(outcome, session);
}

/** Undefined when the person left without a token. */
async function headersFor(
  { url, token, isSave, headers }: AttachArguments,
  environment: AttachEnvironment,
  terminal: LocalTerminal,
): Promise<Record<string, string> | undefined> {
  const isOwn = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (isOwn && token) throw new AppError('input.invalid', '--token and --header Authorization exclude each other');
  if (isOwn) return headers;
  let chosen = token ?? environment.token;
  if (!chosen && isSave) {
    chosen = await askHidden(terminal, `Token for ${url}: `);
    if (chosen === undefined) return undefined;
  }
  if (chosen && !tokenIdOf(chosen)) throw new AppError('input.invalid', 'that is not a token of Holdfast (hf_…)');
  if (chosen && isSave) tell(`The token is kept in ${saveToken(environment.configDir, url, chosen)}.`);
  chosen ??= savedToken(environment.configDir, url);
  if (!chosen) return headers;
  if (isReadableByOthers(url)) tell(`Careful: over ${url} the token can be read on the way. Use https.`);
  return { ...headers, Authorization: `Bearer ${chosen}` };
}

function isReadableByOthers(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

async function chooseSession(
  hf: Holdfast,
  given: AttachArguments,
  terminal: LocalTerminal,
): Promise<Session | undefined> {
  if (given.sessionId) return hf.sessions.get(given.sessionId);
  const { size } = terminal;
  if (given.isNew) {
    const project = given.project ? { projectId: await projectIdOf(hf, given.project) } : {};
    return hf.sessions.open({ ...size, ...project, ...(given.command ? { command: given.command } : {}) });
  }
  const [sessions, { projects }] = await Promise.all([
    hf.sessions.list(),
    hf.call(listProjects, { archived: 'false' }),
  ]);
  const chosen = await pick(terminal, sessions, new Map(projects.map(({ id, name }) => [id, name])));
  return chosen === 'new' ? hf.sessions.open(size) : chosen;
}

async function projectIdOf(hf: Holdfast, wanted: string): Promise<string> {
  const { projects } = await hf.call(listProjects, { archived: 'false' });
  const project = projects.find(({ id, name }) => id === wanted || name === wanted);
  if (!project) throw new AppError('project.not_found', `there is no project ${wanted}`);
  return project.id;
}

/** Every way out that is not the session's own. SIGKILL leaves the terminal as it is: `reset` mends it. */
function leaveOn(view: SessionView, terminal: LocalTerminal): void {
  for (const name of LEAVING_SIGNALS) process.on(name, () => view.end({ kind: 'signal', name }));
  process.on('SIGCONT', () => view.goOn());
  process.on('exit', () => terminal.leaveNow(view.restoring()));
}

/** Says how it went, below what the session drew, and with which code the process ends. */
function report(outcome: Outcome, { id, name }: Session): number {
  switch (outcome.kind) {
    case 'detached':
      tell(`Detached from ${name}; it goes on. Back to it:\n  npm run attach -- --session ${id}`);
      return CODES.detached;
    case 'exited': {
      const { code, signal } = outcome.exit;
      tell(signal === null ? `${name} has ended with code ${code}.` : `${name} was ended by ${signalName(signal)}.`);
      return signal === null ? (code ?? 0) : 128 + signal;
    }
    case 'refused':
      tell(sentenceFor(outcome.error));
      return CODES.refused;
    case 'signal':
      return 128 + constants.signals[outcome.name];
    case 'gone':
      return 128 + constants.signals.SIGHUP;
  }
}

function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}

function sentenceFor({ code, message }: AppError): string {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  if (code === 'AUTH_MISSING')
    return 'Sign in: make a token in the settings of the app ("Command-line tokens"), then npm run attach -- --save';
  return code === 'input.invalid' ? `${sentence} npm run attach -- --help tells more.` : sentence;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    // The exit handler makes the terminal what it was; the sentence comes behind it.
    process.once('exit', () => {
      if (error instanceof AppError) tell(sentenceFor(error));
      else tell(String((error as Error).stack));
    });
    process.exit(error instanceof AppError && error.code === 'input.invalid' ? CODES.usage : CODES.refused);
  },
);
