/** Claude Code in many sessions at once, each of another person, on one shard of a running stack. */
import { openHoldfast, type Attachment, type Holdfast } from '../../client/index.ts';
import { LAST_WORDS } from './agentApi.ts';
import { prepareAgent, type AgentPlace } from './claudeCode.ts';
import { feed, newTerminal, rowsOf, type HeadlessTerminal } from './grid.ts';
import { until } from './until.ts';

const SIZE = { cols: 120, rows: 36 };

export class SeatedAgent {
  #text = '';
  #answers = 0;

  private constructor(
    private readonly hf: Holdfast,
    private readonly place: AgentPlace | undefined,
    private readonly terminal: HeadlessTerminal,
    private attachment: Attachment | undefined,
  ) {}

  /** Resolves when it has drawn itself and takes a prompt. */
  static async start(url: string, email: string, program: string, apiUrl: string): Promise<SeatedAgent> {
    const place = prepareAgent(program, apiUrl);
    const agent = await SeatedAgent.#open(url, email, ['/bin/sh', place.script], place);
    await until(() => agent.#shows('Claude Code'));
    return agent;
  }

  /** Somebody who only has a shell. */
  static async startShell(url: string, email: string): Promise<SeatedAgent> {
    const shell = await SeatedAgent.#open(url, email, ['/bin/bash', '--norc']);
    await until(() => shell.#shows('bash'));
    return shell;
  }

  static async #open(url: string, email: string, command: string[], place?: AgentPlace): Promise<SeatedAgent> {
    const hf = await openHoldfast({ url, headers: { 'X-Forwarded-Email': email } });
    const { id } = await hf.sessions.open({ command, ...SIZE });
    const terminal = newTerminal(SIZE.cols, SIZE.rows);
    const agent = new SeatedAgent(hf, place, terminal, undefined);
    const decoder = new TextDecoder();
    agent.attachment = await hf.sessions.attach(id, {
      from: 0,
      onOutput(bytes) {
        agent.#text = (agent.#text + decoder.decode(bytes, { stream: true })).slice(-20_000);
        return feed(terminal, bytes);
      },
    });
    return agent;
  }

  /** Types a prompt and sends it; resolves when the answer has begun to be awaited. */
  async ask(): Promise<void> {
    const prompt = `question ${++this.#answers}`;
    this.#text = '';
    this.attachment!.write(prompt);
    await until(() => this.#shows(prompt));
    this.attachment!.write('\r');
  }

  /** Resolves when the answer to the last question has ended. */
  async answered(): Promise<void> {
    await until(() => this.#text.includes(LAST_WORDS.split(' ').at(-1)!) && this.#shows(LAST_WORDS));
  }

  end(): void {
    this.hf.close();
    this.place?.remove();
  }

  #shows(text: string): boolean {
    return rowsOf(this.terminal).some((row) => row.replaceAll('\u00a0', ' ').includes(text));
  }
}
