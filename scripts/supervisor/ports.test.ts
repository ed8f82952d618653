import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkPorts } from './ports.ts';

test('a taken port is named with its variable', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wanted = [{ variable: 'BACKEND_1_PORT', port, host: '127.0.0.1' }];
  await expect(checkPorts(wanted)).rejects.toThrow(
    `Port ${port} is taken by another program: set BACKEND_1_PORT to a free one.`,
  );
  await new Promise((resolve) => server.close(resolve));
  await checkPorts(wanted);
});

test('two variables with one port are named', async () => {
  const wanted = ['PORT', 'BACKEND_1_PORT'].map((variable) => ({ variable, port: 59_999, host: '127.0.0.1' }));
  await expect(checkPorts(wanted)).rejects.toThrow('BACKEND_1_PORT and PORT are both 59999');
});
