/** `databricks secrets …` (github.com/databricks/cli `cmd/workspace/secrets/secrets.go`, `put_secret.go`, `overrides.go`). */
import { readFileSync } from 'node:fs';
import type { Fields } from '../answers.ts';
import { wordsOrJson } from './args.ts';
import { CliError, JSON_FLAG, type Command } from './command.ts';
import { jsonOf, type Connection } from './connection.ts';
import { Table } from './render.ts';

export function secretsCommands(connection: Connection): Command[] {
  const post = async (path: string, body: Fields) => {
    await connection.call('POST', `/api/2.0/secrets/${path}`, body); // and nothing is printed
  };
  return [
    {
      path: 'secrets create-scope',
      use: 'SCOPE',
      flags: [
        JSON_FLAG,
        {
          name: 'initial-manage-principal',
          type: 'string',
          help: 'The principal that is initially granted MANAGE permission.',
        },
        {
          name: 'scope-backend-type',
          type: 'string',
          values: ['AZURE_KEYVAULT', 'DATABRICKS'],
          help: 'The backend type.',
        },
      ],
      args: wordsOrJson(1, 0, "no positional arguments are required. Provide 'scope' in your JSON input"),
      run: ([scope], flags) =>
        post('scopes/create', {
          ...(scope && { scope }),
          ...(flags['scope-backend-type'] !== undefined && { scope_backend_type: flags['scope-backend-type'] }),
          ...jsonOf(flags),
        }),
    },
    {
      path: 'secrets list-scopes',
      use: '',
      args: 0,
      run: async () => {
        const { scopes } = await connection.call('GET', '/api/2.0/secrets/scopes/list');
        return new Table(scopes as Fields[], ['Scope', 'Backend Type'], (one) => [
          one['name'] as string,
          one['backend_type'] as string,
        ]);
      },
    },
    {
      path: 'secrets delete-scope',
      use: 'SCOPE',
      flags: [JSON_FLAG],
      args: wordsOrJson(1, 0, "no positional arguments are required. Provide 'scope' in your JSON input"),
      run: ([scope], flags) => post('scopes/delete', { ...(scope && { scope }), ...jsonOf(flags) }),
    },
    {
      path: 'secrets put-secret',
      use: 'SCOPE KEY',
      flags: [
        JSON_FLAG,
        { name: 'bytes-value', type: 'string', help: 'If specified, value will be stored as bytes.' },
        {
          name: 'string-value',
          type: 'string',
          help: 'If specified, note that the value will be stored in UTF-8 (MB4) form.',
        },
      ],
      args: wordsOrJson(2, 0, 'no positional arguments are required'),
      run: ([scope, key], flags) => {
        const [bytes, text] = [flags['bytes-value'], flags['string-value']];
        if (bytes !== undefined && text !== undefined) {
          throw new CliError('cannot specify both --bytes-value and --string-value');
        }
        if (flags['json'] !== undefined) return post('put', jsonOf(flags));
        if (text !== undefined) return post('put', { scope, key, string_value: text });
        // Everything on stdin is the value, a line's end too.
        const value = bytes === undefined ? readFileSync(0) : Buffer.from(String(bytes));
        return post('put', { scope, key, bytes_value: value.toString('base64') });
      },
    },
    {
      path: 'secrets list-secrets',
      use: 'SCOPE',
      args: 1,
      run: async ([scope]) => {
        const { secrets } = await connection.call('GET', `/api/2.0/secrets/list?scope=${encodeURIComponent(scope!)}`);
        return new Table(secrets as Fields[], ['Key', 'Last Updated Timestamp'], (one) => [
          one['key'] as string,
          String(one['last_updated_timestamp']),
        ]);
      },
    },
    {
      path: 'secrets get-secret',
      use: 'SCOPE KEY',
      args: 2,
      run: ([scope, key]) =>
        connection.call('GET', `/api/2.0/secrets/get?${new URLSearchParams({ scope: scope!, key: key! }).toString()}`),
    },
    {
      path: 'secrets delete-secret',
      use: 'SCOPE KEY',
      flags: [JSON_FLAG],
      args: wordsOrJson(2, 0, "no positional arguments are required. Provide 'scope', 'key' in your JSON input"),
      run: ([scope, key], flags) => post('delete', { ...(scope && { scope, key }), ...jsonOf(flags) }),
    },
    {
      path: 'secrets put-acl',
      use: 'SCOPE PRINCIPAL PERMISSION',
      flags: [JSON_FLAG],
      args: wordsOrJson(
        3,
        0,
        "no positional arguments are required. Provide 'scope', 'principal', 'permission' in your JSON input",
      ),
      run: ([scope, principal, permission], flags) =>
        post('acls/put', { ...(scope && { scope, principal, permission }), ...jsonOf(flags) }),
    },
    {
      path: 'secrets list-acls',
      use: 'SCOPE',
      args: 1,
      run: async ([scope]) => {
        const { items } = await connection.call(
          'GET',
          `/api/2.0/secrets/acls/list?scope=${encodeURIComponent(scope!)}`,
        );
        return items;
      },
    },
  ];
}
