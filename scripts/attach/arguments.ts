/** What is said on the command line of `npm run attach`. */
import { parseArgs } from 'node:util';
import { AppError } from '../../protocol/errors.ts';
import { SessionId } from '../../protocol/sessions.ts';
import { tokenIdOf } from '../../protocol/tokens.ts';
import { DEFAULT_DETACH_KEY, parseDetachKey, type DetachKey } from './detachKey.ts';

export const USAGE = `Puts a session into this terminal.

npm run attach -- [--url http://localhost:8000] [--session id | --new [--project name] [-- command …]]

  --url         the address of Holdfast, as in the browser
  --session     the id of a session; without it you choose from a list
  --new         opens a session: a shell, or the command behind --
  --project     the name or id of the project to open it in
  --token       hf_… from the app's settings; better in HOLDFAST_TOKEN, or kept once with --save
  --save        keeps the token for this address in ~/.config/holdfast/tokens.json; asks for it when none is given
  --header      'Name: value' for every request; may be repeated
  --read-only   watches: sends neither keys nor this terminal's size
  --detach-key  leads back here, twice sends it through: ${DEFAULT_DETACH_KEY} by default, ^A and the like, or none
`;

export interface AttachArguments {
  isHelp: boolean;
  /** Without a slash at its end. */
  url: string;
  sessionId: string | undefined;
  isNew: boolean;
  project: string | undefined;
  command: string[] | undefined;
  token: string | undefined;
  isSave: boolean;
  headers: Record<string, string>;
  isReadOnly: boolean;
  detachKey: DetachKey | null;
}

/** @throws AppError `input.invalid`, one sentence that names the option */
export function parseArguments(argv: string[]): AttachArguments {
  const { values, positionals } = read(argv);
  const isNew = values.new ?? false;
  if (values.session !== undefined && isNew) throw refusal('--session and --new exclude each other');
  if (values.session !== undefined && !SessionId.safeParse(values.session).success)
    throw refusal('--session is not the id of a session');
  if (values.project !== undefined && !isNew) throw refusal('--project goes with --new');
  if (positionals.length > 0 && !isNew) throw refusal(`a command goes with --new: ${positionals.join(' ')}`);
  if (values['read-only'] && isNew) throw refusal('a new session that takes no keys would be of no use');
  if (values.token !== undefined && !tokenIdOf(values.token)) throw refusal('--token is not a token of Holdfast');
  return {
    isHelp: values.help ?? false,
    url: checkUrl(values.url ?? 'http://localhost:8000'),
    sessionId: values.session,
    isNew,
    project: values.project,
    command: positionals.length > 0 ? positionals : undefined,
    token: values.token,
    isSave: values.save ?? false,
    headers: Object.fromEntries((values.header ?? []).map(parseHeader)),
    isReadOnly: values['read-only'] ?? false,
    detachKey: parseDetachKey(values['detach-key'] ?? DEFAULT_DETACH_KEY),
  };
}

function read(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        url: { type: 'string' },
        session: { type: 'string' },
        new: { type: 'boolean' },
        project: { type: 'string' },
        token: { type: 'string' },
        save: { type: 'boolean' },
        header: { type: 'string', multiple: true },
        'read-only': { type: 'boolean' },
        'detach-key': { type: 'string' },
      },
    });
  } catch (error) {
    throw refusal((error as Error).message.split('. ')[0]!);
  }
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw refusal('--url is an address like https://holdfast.example.com');
  if (url.username || url.search || url.hash || url.pathname !== '/')
    throw refusal('--url has only a scheme, a host and a port');
  return url.origin;
}

function parseHeader(text: string): [string, string] {
  const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text);
  if (!match) throw refusal(`--header is written 'Name: value', not ${text}`);
  return [match[1]!, match[2]!.trim()];
}

function refusal(sentence: string): AppError {
  return new AppError('input.invalid', sentence);
}
