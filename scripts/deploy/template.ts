/** Fills the templates of app.yaml: `@@NAME@@` inside single quotes becomes a value. Comments do not go along. */
import { AppError } from '../../protocol/errors.ts';

const PLACEHOLDER = /@@(\w+)@@/g;
const LEFTOVER = /@@|\$\{/;

const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * A single-quoted YAML scalar knows one escape, the doubled quote (YAML 1.2, 7.3.2).
 * @throws AppError `config.invalid` for a name without a value, and for what the platform would take as it stands
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const lines = template.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return lines.map((line) => renderLine(line, values)).join('\n');
}

function renderLine(line: string, values: Readonly<Record<string, string>>): string {
  // Looked at piece by piece: a value may well hold what looks like a placeholder, and must not then be one.
  const between = line.split(PLACEHOLDER).filter((_part, index) => index % 2 === 0);
  const left = between.find((part) => LEFTOVER.test(part));
  if (left !== undefined)
    throw new AppError('config.invalid', `a placeholder is left over in the line: ${line.trim()}`);
  return line.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new AppError('config.invalid', `the template names ${name}, which has no value`);
    if (CONTROL.test(value)) throw new AppError('config.invalid', `the value of ${name} has a control character in it`);
    if (LEFTOVER.test(value)) throw new AppError('config.invalid', `the value of ${name} holds a placeholder itself`);
    return value.replaceAll("'", "''");
  });
}
