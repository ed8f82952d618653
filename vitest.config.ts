/** Tests: `unit` needs nothing that is not in the clone, `db` a PostgreSQL, `e2e` the built program and a Chromium. */
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** On a second version of Node, what only computes and the stand-ins of the tests need not be tried again. */
const alreadyTried =
  process.env.UNIT_ON_ANOTHER_NODE === '1'
    ? ['server/screens/{cuts,recordings}.test.ts', 'server/testing/**', 'pwa/**']
    : [];
const everywhere = ['**/node_modules/**', '**/dist*/**', '**/.holdfast/**'];

export default defineConfig({
  plugins: [vue()],
  test: {
    passWithNoTests: true,
    // Many tests wait for processes rather than compute: one worker less than there are cores would leave these idle.
    maxWorkers: 3,
    expect: { poll: { timeout: 60_000 } }, // its default of 1 s would be a time to keep
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...everywhere, ...alreadyTried, '**/*.db.test.ts', '**/*.e2e.test.ts'],
          // Ends what hangs. The default of 5 s was a time to keep for tests that compute, and a busy machine did not keep it.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: everywhere,
          globalSetup: ['db/testingSetup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['**/*.e2e.test.ts'],
          exclude: everywhere,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each file starts whole instances of its own, and waits more than it computes.
          maxWorkers: 2,
        },
      },
    ],
  },
});
