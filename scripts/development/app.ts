/**
 * The app in development: vite serves it with hot replacement and passes everything else to the frontend, so that the
 * browser sees one origin. Vite stands in front and not behind, because its client reloads the page whenever it loses
 * vite: an edit of the frontend would then reload the app instead of showing how it reconnects.
 */
import { join } from 'node:path';
import { createLogger, createServer, type LogErrorOptions, type Plugin } from 'vite';

export interface AppOptions {
  root: string;
  host: string;
  port: number;
  /** Names under which people reach it, besides this machine's. */
  allowedHosts: string[];
  /** The frontend's own origin. */
  frontend: string;
  tell: (level: 'warn' | 'error', message: string) => void;
}

export async function serveApp(options: AppOptions): Promise<{ close(): Promise<void> }> {
  const { root, host, port, allowedHosts, frontend } = options;
  const server = await createServer({
    configFile: join(root, 'vite.config.ts'),
    clearScreen: false,
    customLogger: logger(options.tell),
    plugins: [retireServiceWorker()],
    server: {
      host,
      port,
      strictPort: true,
      allowedHosts,
      proxy: { '/api': { target: frontend, ws: true }, '/sign-in': frontend },
    },
  });
  await server.listen();
  return { close: () => server.close() };
}

/**
 * One that `npm start` installed on this origin would go on serving the app of then. The browser asks for it at each
 * visit; this one takes its place, removes itself and what it kept, and loads the pages anew.
 */
const RETIRED = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
  for (const page of await self.clients.matchAll({ type: 'window' })) page.navigate(page.url);
})()));
`;

function retireServiceWorker(): Plugin {
  return {
    name: 'holdfast-retire-service-worker',
    configureServer(server) {
      server.middlewares.use('/sw.js', (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript');
        response.setHeader('Cache-Control', 'no-store');
        response.end(RETIRED);
      });
    },
  };
}

/** While the frontend starts again every open page fails to reach it: that is expected, and not vite's to tell. */
function logger(tell: AppOptions['tell']) {
  const isExpected = (message: string) => /(http|ws) proxy (socket )?error/.test(message);
  const quiet = createLogger('warn');
  return {
    ...quiet,
    info: () => undefined,
    warn: (message: string) => tell('warn', message),
    warnOnce: (message: string) => tell('warn', message),
    error: (message: string, _options?: LogErrorOptions) => (isExpected(message) ? undefined : tell('error', message)),
  };
}
