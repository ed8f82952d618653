/** What the window can do: clipboard, notices, drawing, keys, touch, and how it was opened. */
import { denied, missing, unknown, works, type Finding, type Probe } from './finding.ts';

export const windowProbes: readonly Probe[] = [
  {
    id: 'clipboardWrite',
    title: 'Copying',
    run: ({ window }) => clipboard(window, 'clipboard-write', 'writeText', 'Copy by the browser’s menu.'),
  },
  {
    id: 'clipboardRead',
    title: 'Pasting by menu',
    run: ({ window }) => clipboard(window, 'clipboard-read', 'readText', 'Paste by key: Ctrl+V or ⌘V.'),
  },
  {
    id: 'notifications',
    title: 'Notifications',
    run({ window }) {
      if (!('Notification' in window))
        return missing('not in this browser, or not here', 'A session that wants you is marked in the window only.');
      const { permission } = window.Notification;
      if (permission === 'granted') return works('allowed');
      if (permission === 'denied')
        return denied('refused', 'Allow them in the browser’s settings of this site, if you want them.');
      return unknown('not asked yet', 'Allow notifications, in the menu of your account, asks.');
    },
  },
  {
    id: 'badge',
    title: 'Badge of the app',
    run: ({ window }) =>
      'setAppBadge' in window.navigator
        ? works('there', 'It shows on an installed app only.')
        : missing('not in this browser', 'Sessions that want you are not counted on the app’s sign.'),
  },
  {
    id: 'webgl',
    title: 'Drawing by the GPU',
    run({ window }) {
      const canvas = window.document.createElement('canvas');
      const gl = canvas.getContext('webgl2');
      if (!gl) return missing('no WebGL 2', 'Terminals are drawn by the page, which is enough for most uses.');
      const info = gl.getExtension('WEBGL_debug_renderer_info');
      const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
      gl.getExtension('WEBGL_lose_context')?.loseContext();
      const isSoftware = /swiftshader|llvmpipe|software|basic render/i.test(renderer);
      return works(renderer, isSoftware ? 'It is no real GPU, so terminals are drawn by the page.' : '');
    },
  },
  {
    id: 'wasm',
    title: 'Images in terminals',
    async run({ window }) {
      const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
      try {
        await window.WebAssembly.instantiate(empty);
        return works('WebAssembly runs');
      } catch {
        return missing('WebAssembly does not run', 'Pictures that programs print are left out.');
      }
    },
  },
  {
    id: 'fonts',
    title: 'Fonts',
    async run({ window }) {
      const names = ['Holdfast Mono', 'Holdfast Sans'];
      const loaded = await Promise.all(
        names.map((name) => window.document.fonts.load(`13px '${name}'`, 'm').catch(() => [])),
      );
      const absent = names.filter((_, i) => loaded[i]!.length === 0);
      return absent.length === 0
        ? works('loaded')
        : missing(`${absent.join(', ')} not loaded`, 'Signs of some programs may be missing or of another width.');
    },
  },
  {
    id: 'installed',
    title: 'Installed app',
    run({ window }) {
      const mode = ['window-controls-overlay', 'standalone', 'minimal-ui', 'fullscreen'].find(
        (one) => window.matchMedia(`(display-mode: ${one})`).matches,
      );
      const isHome = (window.navigator as { standalone?: boolean }).standalone === true;
      if (mode || isHome) return works(mode ?? 'home screen');
      return missing(
        'a browser tab',
        'The browser keeps Ctrl+W, Ctrl+T and the like for itself. Install the app to have them.',
      );
    },
  },
  {
    id: 'overlay',
    title: 'Tabs in the title bar',
    run({ window }) {
      const overlay = (window.navigator as { windowControlsOverlay?: { visible: boolean } }).windowControlsOverlay;
      if (!overlay) return missing('not in this browser', 'The app’s window has a title bar above the tabs.');
      return overlay.visible
        ? works('in use')
        : works('there, not in use', 'Only the installed app on a desk has it, and its person can switch it off.');
    },
  },
  {
    id: 'keyboardLock',
    title: 'All keys in full screen',
    run: ({ window }) =>
      'keyboard' in window.navigator
        ? works('there', 'It holds in full screen only.')
        : missing('not in this browser', 'Some keys stay with the browser, in full screen, too.'),
  },
  {
    id: 'touch',
    title: 'Touch',
    run({ window }) {
      const points = window.navigator.maxTouchPoints;
      const pointer = window.matchMedia('(pointer: coarse)').matches
        ? 'a finger is the main pointer'
        : 'a mouse is the main pointer';
      return works(points > 0 ? `${points} fingers, ${pointer}` : `none, ${pointer}`);
    },
  },
  {
    id: 'viewport',
    title: 'Window',
    run({ window }) {
      const { innerWidth, innerHeight, devicePixelRatio, visualViewport } = window;
      const size = `${innerWidth}×${innerHeight} at ${devicePixelRatio}`;
      return visualViewport
        ? works(size)
        : missing(`${size}, no visual viewport`, 'A soft keyboard may cover the last lines.');
    },
  },
];

/** Asking for a permission would open a question; looking at it does not. */
async function clipboard(
  window: Window,
  name: string,
  method: 'readText' | 'writeText',
  instead: string,
): Promise<Finding> {
  const there = window.navigator.clipboard as Clipboard | undefined;
  if (typeof there?.[method] !== 'function') return missing('not in this browser, or not here', instead);
  try {
    const { state } = await window.navigator.permissions.query({ name: name as PermissionName });
    if (state === 'granted') return works('allowed');
    if (state === 'denied') return denied('refused', instead);
    return unknown('asked when it is first used', '');
  } catch {
    return unknown('this browser does not say', 'It asks when it is first used.');
  }
}
