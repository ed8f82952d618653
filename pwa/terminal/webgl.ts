/** Drawing by the GPU, where there is a real one: only for terminals in view, and given up the moment the context is lost. */
import type { Terminal } from '@xterm/xterm';
import { GpuLeases } from './gpuLeases.ts';

/** Renderers that draw in software: slower than the DOM. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

const leases = new GpuLeases();
let gpu: boolean | undefined;

export class GpuDrawing {
  #terminal: Terminal;
  #host: HTMLElement;
  #addon: { dispose(): void } | null = null;
  #isWanted = false;
  #lost = () => this.stop();

  constructor(terminal: Terminal, host: HTMLElement) {
    this.#terminal = terminal;
    this.#host = host;
    // xterm itself waits three seconds before it says so, with a blank terminal meanwhile.
    host.addEventListener('webglcontextlost', this.#lost, { capture: true });
  }

  async start(): Promise<void> {
    this.#isWanted = true;
    if (this.#addon || !hasRealGpu()) return;
    const { WebglAddon } = await import('@xterm/addon-webgl');
    if (!this.#isWanted || this.#addon || !this.#host.isConnected) return;
    leases.take(this);
    try {
      const addon = new WebglAddon();
      this.#terminal.loadAddon(addon);
      this.#addon = addon;
    } catch {
      leases.giveBack(this); // no context to be had: the DOM draws
    }
  }

  /** The host may outlive the terminal. */
  dispose(): void {
    this.stop();
    this.#host.removeEventListener('webglcontextlost', this.#lost, { capture: true });
  }

  /** Another terminal needs the context more. */
  release(): void {
    this.stop();
  }

  /** Back to the DOM; the context is given back, because a page has only about sixteen. */
  stop(): void {
    this.#isWanted = false;
    leases.giveBack(this);
    const addon = this.#addon;
    if (!addon) return;
    this.#addon = null;
    const canvases = [...this.#host.querySelectorAll('canvas')];
    addon.dispose();
    // Of canvases that stay, such as those of images, the context is not ours.
    for (const canvas of canvases.filter(({ isConnected }) => !isConnected))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

function hasRealGpu(): boolean {
  gpu ??= probe();
  return gpu;
}

function probe(): boolean {
  const context = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = info ? String(context.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'software';
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return isRealGpu(renderer);
}

export function isRealGpu(renderer: string): boolean {
  return !SOFTWARE.test(renderer);
}
