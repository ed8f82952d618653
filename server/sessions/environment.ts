/** What a program in a terminal is given: a fresh environment from an allow-list, never ours. */
import { userInfo } from 'node:os';
import type { Workspace } from '../projects/workspace.ts';

/** Taken from our own environment when set; everything else in it stays with us. */
const PASSED_ON = [
  ...['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'],
  'HOLDFAST_SHELL_INTEGRATION',
] as const;

export type BaseEnvironment = Record<string, string>;

/** @param source our own environment, as config.ts read it */
export function baseEnvironment(source: Readonly<Record<string, string | undefined>>): BaseEnvironment {
  const passed = PASSED_ON.flatMap((name) => (source[name] ? [[name, source[name]] as const] : []));
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...Object.fromEntries(passed) };
}

export function sessionEnvironment(
  base: BaseEnvironment,
  workspace: Workspace,
  shell: string,
  entries: Record<string, string>,
): Record<string, string> {
  const user = userInfo().username;
  return {
    ...base,
    HOME: workspace.home,
    USER: user,
    LOGNAME: user,
    SHELL: shell,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    TERM_PROGRAM: 'holdfast',
    ...entries,
  };
}
