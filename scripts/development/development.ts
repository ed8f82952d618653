/** A whole instance in which what is edited is replaced: the app in the browser, servers by a restart, sessions only when they must go. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FollowedFolder } from '../logReading/followFiles.ts';
import { coloured, formatLine, plain } from '../logReading/format.ts';
import { parseLine, type Level, type LogLine } from '../logReading/logLine.ts';
import type { Foreground } from '../supervisor/foreground.ts';
import { locateHome } from '../supervisor/home.ts';
import { Instance } from '../supervisor/instance.ts';
import { checkPorts } from '../supervisor/ports.ts';
import { say, step } from '../supervisor/progress.ts';
import { serveApp } from './app.ts';
import type { DevelopmentSettings } from './env.ts';
import { watchPrograms } from './programs.ts';
import { planOf } from './plan.ts';

const LOG_POLL_MS = 200;

export class Development implements Foreground {
  readonly #instance: Instance;
  readonly #dist: string;
  /** What watches and serves, in the order in which it came. */
  readonly #closing: (() => Promise<void>)[] = [];
  #endLogs = () => {};
  /** Changes are carried out one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(
    readonly root: string,
    readonly settings: DevelopmentSettings,
  ) {
    // Below the clone, so that the programs find its packages; one folder for each home.
    const name = createHash('sha256').update(locateHome(settings.instance.home).dir).digest('hex').slice(0, 12);
    this.#dist = join(root, 'node_modules/.cache/holdfast-dev', name);
    this.#instance = new Instance(settings.instance, this.#dist);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { root, settings } = this;
    await checkPorts([{ variable: 'PORT', port: settings.port, host: settings.host }]);
    await step('programs', async () => {
      const onChange = (changed: string[]) => this.#queue(() => this.#replace(changed));
      const onBroken = () => tell('error', 'the servers cannot be built: what ran goes on');
      const programs = await watchPrograms(root, this.#dist, onChange, onBroken);
      this.#closing.push(() => programs.close());
      return 'built, and watched';
    });
    this.#writeStandIn();
    await step('app', async () => {
      const { host, port, instance } = settings;
      const frontend = `http://127.0.0.1:${instance.port}`;
      const allowedHosts = [...(instance.allowedHosts?.split(',') ?? []), new URL(instance.publicUrl!).hostname];
      const app = await serveApp({ root, host, port, allowedHosts, frontend, tell });
      this.#closing.push(() => app.close());
      return `vite on port ${port}`;
    });
    this.#followLogs();
    await this.#instance.start(signal);
    say('Edit and save. Ctrl-C ends everything, sessions too.');
  }

  async stop(options: { keepsHosts: boolean }): Promise<void> {
    this.#isStopping = true;
    for (const close of this.#closing.reverse()) await close();
    await this.#work;
    await this.#instance.stop(options);
    if (!options.keepsHosts) rmSync(this.#dist, { recursive: true, force: true });
    this.#endLogs(); // last, so that how the others ended is seen
  }

  force(): void {
    this.#instance.force();
  }

  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: Error) => tell('error', error.message));
  }

  async #replace(changed: string[]): Promise<void> {
    if (this.#isStopping) return;
    const plan = planOf(changed);
    tell('info', plan.sentence);
    if (plan.replacesHosts) await this.#instance.replaceHosts();
    await this.#instance.restart(plan.isRestarted);
  }

  /** The frontend wants a built app; people go to vite. */
  #writeStandIn(): void {
    mkdirSync(join(this.#dist, 'pwa'), { recursive: true });
    const page = `<!doctype html><p>In development the app is at <a href="${this.settings.instance.publicUrl}">${this.settings.instance.publicUrl}</a>.</p>\n`;
    writeFileSync(join(this.#dist, 'pwa/index.html'), page);
  }

  #followLogs(): void {
    const lastOf = new Map<string, LogLine>();
    const { logs } = locateHome(this.settings.instance.home);
    const folder = new FollowedFolder(
      logs,
      (raw, source) => {
        const line = parseLine(raw, source, lastOf.get(source));
        lastOf.set(source, line);
        print(line);
      },
      true,
    );
    const timer = setInterval(() => folder.read(), LOG_POLL_MS);
    this.#endLogs = () => {
      clearInterval(timer);
      folder.read();
      folder.close();
    };
  }
}

function print(line: LogLine): void {
  say(formatLine(line, process.stdout.isTTY ? coloured : plain));
}

/** What development itself has to say, among the lines of the others. */
function tell(level: Level, message: string): void {
  print({ raw: '', instance: 'dev', timeMs: Date.now(), level, message, fields: {} });
}
