/** The shape of one HTTP endpoint, declared once and used by server and client. */
import type { z } from 'zod';

export interface Endpoint<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Express style, with `:name` parameters that are also members of `input`. */
  path: string;
  /** Path parameters, query (for GET) and JSON body, merged into one object. */
  input: Input;
  output: Output;
}

export function endpoint<Input extends z.ZodType, Output extends z.ZodType>(
  spec: Endpoint<Input, Output>,
): Endpoint<Input, Output> {
  return spec;
}

/** The URL path and the rest of the input, for a caller. Throws when a path parameter is missing. */
export function fillPath(
  path: string,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input };
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest[name];
    if (typeof value !== 'string') throw new TypeError(`missing path parameter ${name}`);
    delete rest[name];
    return encodeURIComponent(value);
  });
  return { path: filled, rest };
}
