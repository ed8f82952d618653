/** Tells the secrets in an instance's environment from its settings. */
import { AppError } from '../../protocol/errors.ts';
import { settingNames, type InstanceKind } from '../../server/config.ts';

export interface Collected {
  /** Variables that must not stay in the environment. */
  names: string[];
  /** Keys are objects, as the servers expect them; an absent secret is absent. */
  secrets: Record<string, unknown>;
}

/**
 * Secrets that the instance of another kind is given are taken out too, and not handed on.
 * @param readFile for `<NAME>_FILE`, as containers mount secrets
 * @throws AppError `config.invalid`, which names the variable and never its value
 */
export function secretsOf(
  kind: InstanceKind,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Collected {
  const all = new Set([...settingNames.backend.secrets, ...settingNames.frontend.secrets]);
  const names = [...all].flatMap((name) => [name, `${name}_FILE`]).filter((name) => environment[name] !== undefined);
  const given = settingNames[kind].secrets.flatMap((name) => {
    const value = valueOf(name, environment, readFile);
    return value ? [[name, parsed(name, value)] as const] : [];
  });
  return { names, secrets: Object.fromEntries(given) };
}

function valueOf(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): string | undefined {
  const file = environment[`${name}_FILE`];
  if (!file) return environment[name]?.trim();
  if (environment[name]) throw new AppError('config.invalid', `${name} and ${name}_FILE exclude each other.`);
  try {
    return readFile(file).trim();
  } catch (error) {
    throw new AppError('config.invalid', `The file of ${name}_FILE cannot be read.`, { cause: error });
  }
}

/** Keys are written as JSON. */
function parsed(name: string, value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new AppError('config.invalid', `${name} is not valid JSON.`);
  }
}
