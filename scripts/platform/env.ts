/** The environment in which a platform starts an instance. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
