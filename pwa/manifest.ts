/** What the browser is told about the installed app. */
import type { ManifestOptions } from 'vite-plugin-pwa';
import { SHARE_PATH, SHARED_FIELD } from './serviceWorker/shared.ts';

export const manifest: Partial<ManifestOptions> = {
  id: '/',
  name: 'Holdfast',
  short_name: 'Holdfast',
  description: 'Terminals for coding agents that hold fast',
  lang: 'en',
  start_url: '/?source=pwa',
  scope: '/',
  display: 'standalone',
  display_override: ['window-controls-overlay', 'standalone', 'minimal-ui'],
  background_color: '#0f1214',
  theme_color: '#0f1214',
  // Opening it again brings the running window forward; navigating it would throw its state away.
  launch_handler: { client_mode: 'focus-existing' },
  file_handlers: [{ action: '/', accept: { 'application/x-asciicast': ['.cast'] } }],
  share_target: {
    action: SHARE_PATH,
    method: 'POST',
    enctype: 'multipart/form-data',
    params: { files: [{ name: SHARED_FIELD, accept: ['*/*'] }] },
  },
  // What an address asks for is only shown or asked: see install/launch.ts.
  shortcuts: [
    { name: 'New session', url: '/?do=new-session' },
    { name: 'Go to a session', url: '/?do=go-to' },
  ],
  protocol_handlers: [{ protocol: 'web+holdfast', url: '/?open=%s' }],
  // Made by `npm run screens -- --keep`.
  screenshots: [
    {
      src: '/screenshots/wide.webp',
      sizes: '1440x900',
      type: 'image/webp',
      form_factor: 'wide',
      label: 'A terminal, with projects and sessions beside it',
    },
    {
      src: '/screenshots/narrow.webp',
      sizes: '390x844',
      type: 'image/webp',
      form_factor: 'narrow',
      label: 'A terminal on a phone, with the keys its keyboard lacks',
    },
  ],
  categories: ['developer', 'productivity'],
  icons: [
    { src: '/icons/holdfast.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
    { src: '/icons/holdfast-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: '/icons/holdfast-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: '/icons/holdfast-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
};
