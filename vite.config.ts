/** Builds the app: one page, lazy chunks for the terminal and the client, and a service worker of our own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { manifest } from './pwa/manifest.ts';
import { told } from './scripts/build/env.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The page itself shows the sign until its program has begun: the drawing of the component. */
const opening: Plugin = {
  name: 'opening',
  transformIndexHtml(html) {
    const component = readFileSync(path('./pwa/ui/HoldfastSign.vue'), 'utf8');
    const [, sign] = /<template>\s*([^]*?)\s*<\/template>/.exec(component)!;
    return html.replace('<!-- sign -->', sign!);
  },
};

export default defineConfig({
  root: path('./pwa'),
  plugins: [
    vue(),
    opening,
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'serviceWorker',
      filename: 'sw.ts',
      // Registration is ours (serviceWorker/useUpdate.ts): the plugin's would reload live windows.
      injectRegister: false,
      manifest,
      // Without them an ingress that asks who comes would answer with its page to sign in, and nothing could be installed.
      useCredentials: true,
      includeManifestIcons: false,
      injectManifest: { globPatterns: ['**/*.{js,css,html,svg,png,woff2}'] },
      devOptions: { enabled: false },
    }),
  ],
  define: {
    __APP_VERSION__: JSON.stringify(told.version || version),
    __VUE_OPTIONS_API__: 'false',
  },
  build: {
    outDir: path('./dist/pwa'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is inlined as data: every asset is precached under its own address.
    assetsInlineLimit: 0,
    sourcemap: true,
    manifest: true,
    rolldownOptions: {
      output: {
        // What the first paint needs in two files, not in two dozen, and what the first terminal needs in one: together they are
        // smaller, and the framework changes rarely.
        codeSplitting: {
          groups: [
            { name: 'vue', tags: ['$initial'], test: /node_modules\/(@vue|vue)\//, priority: 2 },
            { name: 'first', tags: ['$initial'], priority: 1 },
            {
              name: 'terminal',
              test: /terminal\/(TerminalPane\.vue|terminalView\.ts)|@xterm\/addon-(unicode-graphemes|web-links)/,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: 'http://localhost:8000', ws: true },
      '/sign-in': 'http://localhost:8000',
    },
  },
});
