/** What an app printed last, read at the app's own address. */
import { originOf, type Deployment, type Ground } from './deployment.ts';

const LINES = 100;
const TIMEOUT_MS = 15_000;

export async function lastLines(
  { bearer }: Deployment,
  { apps }: Pick<Ground, 'apps'>,
  instance: string,
): Promise<string> {
  try {
    // `apps logs` follows a socket and is known to fail for people's profiles; this is what it reads.
    const response = await fetch(`${originOf(apps[instance]!)}/logz`, {
      redirect: 'manual',
      headers: { Authorization: `Bearer ${await bearer()}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) return `  (the log of ${instance} cannot be read: ${response.status})`;
    const lines = (await response.text()).trimEnd().split('\n').slice(-LINES);
    return lines.map((line) => `  ${instance} | ${line}`).join('\n');
  } catch (error) {
    return `  (the log of ${instance} cannot be read: ${(error as Error).message})`;
  }
}
