/** Tries the way to a shard in every manner that people will use it, and says what came of it. */
import { ASSERTION_HEADER, type Caller } from '../http/caller.ts';
import { ASSERTION_PARAMETER, withParameter } from '../http/carriers.ts';
import type { SignAssertion } from '../identity/assertion.ts';
import { Health, HopCaller, type HopReport } from '../../protocol/health.ts';
import type { Hop } from './hop.ts';
import { askShard, asksUpgrade, type Question, type Reply } from './hopCall.ts';
import { arrivalsIn, probe, type HopCarriers } from './hopCarriers.ts';

const TIMEOUT_MS = 10_000;
const SOCKET_PATH = '/api/socket.io/?EIO=4&transport=websocket';

export class HopInspector {
  constructor(
    private readonly hop: Hop,
    private readonly carriers: HopCarriers,
    private readonly sign: SignAssertion,
  ) {}

  /** All shards at the same time. Never rejects. */
  reports(caller: Caller): Promise<HopReport[]> {
    return Promise.all(this.hop.targets.map(({ id }) => this.#report(id, caller)));
  }

  async #report(id: string, caller: Caller): Promise<HopReport> {
    await this.carriers.learn(id);
    const carrier = await this.carriers.of(id);
    const [health, arrived, signed, isUpgradeTaken] = await Promise.all([
      askShard(this.hop, id, { path: '/api/health', timeoutMs: TIMEOUT_MS }),
      askShard(this.hop, id, probe),
      this.#signed(id, caller, '/api/hop/caller').then((question) => askShard(this.hop, id, question)),
      this.#signed(id, caller, SOCKET_PATH).then((question) => asksUpgrade(this.hop, id, question)),
    ]);
    const { instance: _, ...arrivals } = arrivalsIn(arrived) ?? { instance: '' };
    const taken = HopCaller.safeParse(bodyOf(signed)).data;
    const isSignedRequestTaken = taken?.email === caller.email;
    const found = {
      health: Health.safeParse(bodyOf(health)).data ?? null,
      arrivals: 'header' in arrivals ? arrivals : null,
      isSignedRequestTaken,
      isUpgradeTaken,
    };
    const troubles = [
      ...(found.health ? [] : [`its health could not be asked: ${sentence(health)}`]),
      ...(found.arrivals ? [] : [`what arrives could not be asked: ${sentence(arrived)}`]),
      ...(isSignedRequestTaken ? [] : [`a signed request was not taken: ${sentence(signed)}`]),
      ...(isUpgradeTaken ? [] : ['a websocket was not given']),
    ];
    return { id, isUsable: troubles.length === 0, carrier, ...found, sandbox: taken?.sandbox ?? null, troubles };
  }

  /** A question with an assertion of its own, by the way that assertions take now. */
  async #signed(id: string, caller: Caller, path: string): Promise<Question> {
    const assertion = await this.sign(caller, id);
    return (await this.carriers.of(id)) === 'header'
      ? { path, timeoutMs: TIMEOUT_MS, headers: { [ASSERTION_HEADER]: assertion } }
      : { path: withParameter(path, ASSERTION_PARAMETER, assertion), timeoutMs: TIMEOUT_MS };
  }
}

function bodyOf(reply: Reply): unknown {
  if (reply.is !== 'answer' || reply.status !== 200) return undefined;
  try {
    return JSON.parse(reply.body);
  } catch {
    return undefined;
  }
}

/** For an admin, and without an address or a word of what stands between. */
function sentence(reply: Reply): string {
  if (reply.is === 'late') return 'nothing came in time';
  if (reply.is === 'none') return reply.trouble;
  const { code } =
    (JSON.parse(reply.body.startsWith('{') ? reply.body : '{}') as { error?: { code?: string } }).error ?? {};
  return `it answered with status ${reply.status}${code ? ` and ${code}` : ''}`;
}
