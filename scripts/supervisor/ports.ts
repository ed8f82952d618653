/** Finds a taken port before anything is started. */
import { createServer } from 'node:net';
import { AppError } from '../../protocol/errors.ts';

export interface WantedPort {
  variable: string;
  port: number;
  host: string;
}

/** @throws AppError `config.invalid` that names the port and the variable to change */
export async function checkPorts(wanted: WantedPort[]): Promise<void> {
  const seen = new Map<number, string>();
  for (const { variable, port, host } of wanted) {
    const other = seen.get(port);
    if (other)
      throw new AppError('config.invalid', `${variable} and ${other} are both ${port}: give each its own port.`);
    seen.set(port, variable);
    await checkPort(variable, port, host);
  }
}

async function checkPort(variable: string, port: number, host: string): Promise<void> {
  const code = await tryListen(port, host);
  if (code === 'EADDRINUSE')
    throw new AppError('config.invalid', `Port ${port} is taken by another program: set ${variable} to a free one.`);
  if (code === 'EACCES')
    throw new AppError(
      'config.invalid',
      `Port ${port} is not allowed for this user: set ${variable} to one above 1023.`,
    );
  if (code)
    throw new AppError(
      'config.invalid',
      `Nothing can listen on ${host}, port ${port} (${code}): check HOST and ${variable}.`,
    );
  // Browsers try ::1 first for "localhost": another program there would be opened instead of us.
  if (host === '127.0.0.1' && (await tryListen(port, '::1')) === 'EADDRINUSE') {
    throw new AppError(
      'config.invalid',
      `Port ${port} is taken by another program on ::1: set ${variable} to a free one.`,
    );
  }
}

/** The error's code, or null when the port is free. */
function tryListen(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
