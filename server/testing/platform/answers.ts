/** What the stand-in for the workspace API answers, and the errors it knows, in the shapes of the platform. */

export interface Answer {
  status: number;
  /** An object becomes JSON; bytes and strings are sent as they are. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** `{"error_code", "message"}` with the status that belongs to it. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get answer(): Answer {
    return { status: this.status, body: { error_code: this.code, message: this.message } };
  }
}

export const notFound = (message: string) => new ApiProblem(404, 'RESOURCE_DOES_NOT_EXIST', message);
export const invalid = (message: string) => new ApiProblem(400, 'INVALID_PARAMETER_VALUE', message);
export const badRequest = (message: string) => new ApiProblem(400, 'BAD_REQUEST', message);
export const denied = (message: string) => new ApiProblem(403, 'PERMISSION_DENIED', message);
export const conflict = (message: string) => new ApiProblem(409, 'RESOURCE_ALREADY_EXISTS', message);

export type Fields = Record<string, unknown>;

/** A request's JSON body; anything else than an object is refused as the platform refuses it. */
export function fieldsOf(value: unknown): Fields {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw badRequest('Could not parse request object');
  return value as Fields;
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(`Missing required field: ${name}`);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badRequest(`Could not parse request object: Expected '${name}' to be a string`);
  return value;
}
