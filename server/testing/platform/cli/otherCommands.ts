/**
 * The rest that a deploy needs: who we are, tokens, Lakebase of both products, and calls of the API by hand
 * (github.com/databricks/cli `cmd/auth/token.go`, `cmd/auth/describe.go`, `cmd/workspace/current-user`, `cmd/workspace/postgres`,
 * `cmd/workspace/database`, `cmd/api/api.go`, `cmd/version`).
 */
import type { Fields } from '../answers.ts';
import { wordsOrJson } from './args.ts';
import { CliError, JSON_FLAG, type Command } from './command.ts';
import { jsonOf, type Connection } from './connection.ts';
import { Lines } from './render.ts';

export const VERSION = '1.13.0';

export function otherCommands(connection: Connection): Command[] {
  return [
    {
      path: 'current-user me',
      use: '',
      args: 0,
      run: () => connection.call('GET', '/api/2.0/preview/scim/v2/Me'),
    },
    {
      path: 'version',
      use: '',
      args: 0,
      run: () => Promise.resolve(new Lines([`Databricks CLI v${VERSION}`], { ProjectName: 'cli', Version: VERSION })),
    },
    {
      path: 'auth token',
      use: '[PROFILE]',
      flags: [
        { name: 'host', type: 'string', help: 'Databricks Host' },
        { name: 'account-id', type: 'string', help: 'Databricks Account ID' },
        { name: 'force-refresh', type: 'bool', help: 'Force a token refresh even if the cached token is still valid.' },
        { name: 'timeout', type: 'duration', help: 'Timeout for acquiring a token.' },
      ],
      args: (words) => (words.length > 1 ? `accepts at most 1 arg(s), received ${words.length}` : null),
      run: (words, flags) => Promise.resolve(authToken(connection, words, flags['output'] === 'text')),
    },
    {
      path: 'auth describe',
      use: '',
      flags: [
        { name: 'sensitive', type: 'bool', help: 'Include sensitive fields like passwords and tokens in the output' },
      ],
      args: 0,
      run: () => {
        const { userName, mode } = connection.signIn();
        const { host } = connection.store.read().settings;
        const type = mode === 'u2m' ? 'databricks-cli' : 'oauth-m2m';
        const values = { status: 'success', username: userName, details: { auth_type: type, host } };
        return Promise.resolve(
          new Lines([`Host: ${host}`, `User: ${userName}`, `Authenticated with: ${type}`], values),
        );
      },
    },
    ...lakebaseCommands(connection),
    ...(['get', 'head', 'post', 'put', 'patch', 'delete'] as const).map((method): Command => ({
      path: `api ${method}`,
      use: 'PATH',
      flags: [JSON_FLAG],
      args: 1,
      run: ([path], flags) =>
        connection.call(method.toUpperCase(), path!, flags['json'] === undefined ? undefined : jsonOf(flags)),
    })),
  ];
}

/** JSON unless text is asked for by name. */
function authToken(connection: Connection, words: string[], isText: boolean): unknown {
  const { mode, token } = connection.signIn();
  const profile = words[0] ?? connection.profile;
  if (words[0] !== undefined && !connection.store.read().settings.profiles.includes(words[0])) {
    throw new CliError(`no profile or host matches ${JSON.stringify(words[0])}`);
  }
  if (mode === 'm2m') {
    if (profile !== undefined) {
      throw new CliError(
        `profile "${profile}" uses M2M authentication (client_id/client_secret). \`databricks auth token\` only supports U2M (user-to-machine) authentication tokens. To authenticate as a service principal, use the Databricks SDK directly`,
      );
    }
    throw new CliError(
      'cache: databricks OAuth is not configured for this host.\n\nTo reauthenticate, run the following command:\n\n  $ databricks auth login',
    );
  }
  if (isText) return new Lines([token.value]);
  return { access_token: token.value, token_type: 'Bearer', expiry: new Date(token.expiresMs).toISOString() };
}

function lakebaseCommands(connection: Connection): Command[] {
  const get = (path: string) => connection.call('GET', `/api/2.0/${path}`);
  const list = (path: string, field: string) => get(path).then((answer) => answer[field] ?? []);
  const below = (kind: string, parent: string): Command => ({
    path: `postgres list-${kind}`,
    use: 'PARENT',
    flags: [
      { name: 'page-size', type: 'int', help: 'Upper bound for items returned.' },
      { name: 'limit', type: 'int', help: 'Maximum number of results to return.' },
    ],
    args: 1,
    run: ([name]) => {
      if (!new RegExp(parent).test(name!)) throw new CliError(`invalid parent: ${name}`);
      return list(`postgres/${name}/${kind}`, kind);
    },
  });
  const one = (kind: string): Command => ({
    path: `postgres get-${kind}`,
    use: 'NAME',
    args: 1,
    run: ([name]) => get(`postgres/${name}`),
  });
  return [
    { path: 'postgres list-projects', use: '', args: 0, run: () => list('postgres/projects', 'projects') },
    below('branches', '^projects/[^/]+$'),
    below('endpoints', '^projects/[^/]+/branches/[^/]+$'),
    below('databases', '^projects/[^/]+/branches/[^/]+$'),
    one('project'),
    one('branch'),
    one('endpoint'),
    one('database'),
    {
      path: 'postgres generate-database-credential',
      use: 'ENDPOINT',
      flags: [
        JSON_FLAG,
        { name: 'expire-time', type: 'string', help: 'Timestamp in UTC of when this credential expires.' },
        { name: 'ttl', type: 'string', help: 'The requested time-to-live for the generated credential token.' },
      ],
      args: wordsOrJson(1, 0, "no positional arguments are required. Provide 'endpoint' in your JSON input"),
      run: ([endpoint], flags) =>
        connection.call('POST', '/api/2.0/postgres/credentials', {
          ...(endpoint && { endpoint }),
          ...(flags['ttl'] !== undefined && { ttl: flags['ttl'] }),
          ...jsonOf(flags, ['endpoint', 'claims', 'expire_time', 'ttl', 'group_name']),
        }),
    },
    {
      path: 'database list-database-instances',
      use: '',
      args: 0,
      run: () => list('database/instances', 'database_instances'),
    },
    {
      path: 'database get-database-instance',
      use: 'NAME',
      args: 1,
      run: ([name]) => get(`database/instances/${name}`),
    },
    {
      path: 'database generate-database-credential',
      use: '',
      flags: [JSON_FLAG, { name: 'request-id', type: 'string', help: '' }],
      args: 0,
      run: (_, flags): Promise<Fields> =>
        connection.call('POST', '/api/2.0/database/credentials', {
          ...(flags['request-id'] !== undefined && { request_id: flags['request-id'] }),
          ...jsonOf(flags, ['instance_names', 'request_id', 'claims']),
        }),
    },
  ];
}
