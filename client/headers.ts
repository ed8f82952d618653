/** What is sent with each request, by name. */
export type Headers = Record<string, string>;
