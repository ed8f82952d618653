/** Which requests start a terminal, so that whoever sends one must have a place on the shard it goes to. */

const STARTS_SESSION = /^\/api\/v1\/sessions(\/[^/]+\/revive)?\/?$/i;

/** @param url the backend's path, with or without a query; matched as its router does, in capitals and with a slash at the end, too */
export function needsPlace(method: string, url: string): boolean {
  return method === 'POST' && STARTS_SESSION.test(url.split('?', 1)[0]!);
}
