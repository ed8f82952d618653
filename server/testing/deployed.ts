/** What a deployment put on the stand-in platform, as admins and people meet it: through the ingress of each app. */
import { openHoldfast, type Holdfast } from '../../client/index.ts';
import type { Platform } from './platform/platform.ts';
import { ADMIN } from './platform/state.ts';

export class Deployed {
  /** @param instances in the order in which they are told */
  constructor(
    private readonly platform: Platform,
    private readonly prefix = 'builder',
    private readonly instances = ['backend-1', 'backend-2', 'frontend'],
  ) {}

  nameOf(instance: string): string {
    return `${this.prefix}-${instance}`;
  }

  urlOf(instance: string): string {
    return this.platform.app(this.nameOf(instance)).url;
  }

  /** The folder that each app runs from; empty for one without a deployment. */
  releases(): string[] {
    return this.instances.map((one) => this.platform.app(this.nameOf(one)).active_deployment?.source_code_path ?? '');
  }

  /** What each says of itself to whoever deploys, or the status of the answer. */
  healths(): Promise<unknown[]> {
    return Promise.all(this.instances.map((instance) => this.#health(instance)));
  }

  async #health(instance: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.platform.token(ADMIN)}` };
    const response = await fetch(`${this.urlOf(instance)}/api/health`, { headers, redirect: 'manual' });
    return response.status === 200 ? ((await response.json()) as { status: string }).status : response.status;
  }

  /** The cookie of somebody who signed in at the frontend's ingress. */
  cookie(email: string): string {
    return this.platform.ingress.auth.signIn(this.nameOf('frontend'), email);
  }

  client(email: string): Promise<Holdfast> {
    return openHoldfast({ url: this.urlOf('frontend'), headers: { cookie: this.cookie(email) } });
  }

  /** A request of a person at the frontend; `code` is `ok` or that of the refusal. */
  async ask<Answer>(email: string, path: string, body: object): Promise<{ answer: Answer; code: string }> {
    const response = await fetch(`${this.urlOf('frontend')}${path}`, {
      method: 'POST',
      headers: { cookie: this.cookie(email), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Answer & { error?: { code: string } };
    return { answer, code: answer.error?.code ?? 'ok' };
  }
}
