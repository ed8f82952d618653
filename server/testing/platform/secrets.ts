/** Secret scopes of the stand-in workspace (databricks-sdk-py, `service/workspace.py`, `SecretsAPI`). */
import { ApiProblem, denied, invalid, notFound, optionalText, text, type Fields } from './answers.ts';
import type { PlatformState, Principal, SecretScope } from './state.ts';

const NAME = /^[\w.-]{1,128}$/;
const MAX_VALUE_BYTES = 128 * 1024;

export function createScope(state: PlatformState, body: Fields, caller: Principal): void {
  const name = text(body, 'scope');
  if (!NAME.test(name)) throw invalid(`Invalid scope name: ${name}`);
  if (state.scopes[name]) throw new ApiProblem(400, 'RESOURCE_ALREADY_EXISTS', `Scope ${name} already exists!`);
  const backendType = optionalText(body, 'scope_backend_type') ?? 'DATABRICKS';
  state.scopes[name] = { backendType, secrets: {}, acls: { [caller.userName]: 'MANAGE' } };
}

export function listScopes(state: PlatformState): Fields[] {
  return Object.entries(state.scopes).map(([name, { backendType }]) => ({ name, backend_type: backendType }));
}

export function deleteScope(state: PlatformState, body: Fields): void {
  scopeOf(state, text(body, 'scope'));
  delete state.scopes[text(body, 'scope')];
}

export function putSecret(state: PlatformState, body: Fields, caller: Principal): void {
  const scope = scopeOf(state, text(body, 'scope'));
  const key = text(body, 'key');
  if (!NAME.test(key)) throw invalid(`Invalid secret key: ${key}`);
  requireLevel(scope, caller, ['WRITE', 'MANAGE']);
  const [string, bytes] = [optionalText(body, 'string_value'), optionalText(body, 'bytes_value')];
  if ((string === undefined) === (bytes === undefined)) {
    throw invalid('Exactly one of string_value and bytes_value must be given');
  }
  const value = string === undefined ? bytes! : Buffer.from(string).toString('base64');
  if (Buffer.from(value, 'base64').length > MAX_VALUE_BYTES) throw invalid('The secret value exceeds 128 KB');
  scope.secrets[key] = { value, updatedMs: Date.now() };
}

export function listSecrets(state: PlatformState, scopeName: string): Fields[] {
  return Object.entries(scopeOf(state, scopeName).secrets).map(([key, { updatedMs }]) => ({
    key,
    last_updated_timestamp: updatedMs,
  }));
}

export function getSecret(state: PlatformState, scopeName: string, key: string, caller: Principal): Fields {
  const scope = scopeOf(state, scopeName);
  requireLevel(scope, caller, ['READ', 'WRITE', 'MANAGE']);
  return { key, value: secretOf(scope, scopeName, key).value };
}

export function deleteSecret(state: PlatformState, body: Fields, caller: Principal): void {
  const scope = scopeOf(state, text(body, 'scope'));
  requireLevel(scope, caller, ['WRITE', 'MANAGE']);
  secretOf(scope, text(body, 'scope'), text(body, 'key'));
  delete scope.secrets[text(body, 'key')];
}

export function putAcl(state: PlatformState, body: Fields, caller: Principal): void {
  const scope = scopeOf(state, text(body, 'scope'));
  requireLevel(scope, caller, ['MANAGE']);
  const level = text(body, 'permission');
  if (!['READ', 'WRITE', 'MANAGE'].includes(level)) throw invalid(`Invalid permission: ${level}`);
  scope.acls[text(body, 'principal')] = level;
}

export function listAcls(state: PlatformState, scopeName: string): Fields[] {
  const { acls } = scopeOf(state, scopeName);
  return Object.entries(acls).map(([principal, permission]) => ({ principal, permission }));
}

function scopeOf(state: PlatformState, name: string): SecretScope {
  const scope = state.scopes[name];
  if (!scope) throw notFound(`Scope ${name} does not exist!`);
  return scope;
}

function secretOf(scope: SecretScope, scopeName: string, key: string) {
  const secret = scope.secrets[key];
  if (!secret) throw notFound(`Secret does not exist with scope: ${scopeName} and key: ${key}`);
  return secret;
}

function requireLevel(scope: SecretScope, caller: Principal, levels: string[]): void {
  const granted = [caller.userName, ...caller.groups].some((who) => levels.includes(scope.acls[who] ?? ''));
  if (!granted && !caller.groups.includes('admins')) {
    throw denied(`User ${caller.userName} does not have ${levels.at(-1)} permission on the scope`);
  }
}
