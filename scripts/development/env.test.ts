import { expect, test } from 'vitest';
import { readDevelopmentSettings } from './env.ts';

test('people go to vite, and the frontend listens behind it on loopback', () => {
  const settings = readDevelopmentSettings({ PORT: '9000', HOST: '0.0.0.0' });
  expect(settings).toMatchObject({
    host: '0.0.0.0',
    port: 9000,
    instance: { host: '127.0.0.1', port: 9100, publicUrl: 'http://localhost:9000' },
  });
});

test('the port behind can be another one, and a mistake names the variable', () => {
  expect(readDevelopmentSettings({ FRONTEND_PORT: '9' }).instance.port).toBe(9);
  expect(() => readDevelopmentSettings({ FRONTEND_PORT: 'x' })).toThrow('FRONTEND_PORT');
  expect(() => readDevelopmentSettings({ PORT: '65500' })).toThrow('FRONTEND_PORT');
});
