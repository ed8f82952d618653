/** The address of a Databricks workspace, which the platform and people write with and without `https://`. */
import { AppError } from '../../protocol/errors.ts';

/** `dbc-1.cloud.databricks.com` and `https://dbc-1.cloud.databricks.com/` are one origin. @throws AppError `config.invalid` */
export function workspaceOrigin(host: string): string {
  const text = host.trim();
  try {
    return new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`).origin;
  } catch (error) {
    throw new AppError('config.invalid', 'DATABRICKS_HOST is not an address', { cause: error });
  }
}
