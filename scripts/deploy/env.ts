/** The environment of the deployment: its settings, and what the Databricks CLI signs in with. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
