/** Web Push: calling a person's devices while no window of theirs is there. Asked of the frontend, which alone sends. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Of a person; the oldest gives way. */
export const MAX_DEVICES = 10;

/** base64url of so many bytes. */
const bytes = (count: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((count * 4) / 3)}}$`), `must be ${count} bytes in base64url`);

/** What a browser's `PushSubscription` says of itself. */
export const PushSubscriptionInput = z.object({
  endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
  keys: z.object({ p256dh: bytes(65), auth: bytes(16) }),
});
export type PushSubscriptionInput = z.infer<typeof PushSubscriptionInput>;

/** With it the browser's push service takes calls from this instance alone; null: none is set up here. */
export const getPushKey = endpoint({
  method: 'GET',
  path: '/api/push',
  input: z.object({}),
  output: z.object({ key: z.string().nullable() }),
});
/** The same endpoint again, also of another person in the same browser, takes the place of what was. */
export const subscribeToPush = endpoint({
  method: 'POST',
  path: '/api/push/subscriptions',
  input: PushSubscriptionInput,
  output: z.object({ id: z.uuid() }),
});
export const unsubscribeFromPush = endpoint({
  method: 'DELETE',
  path: '/api/push/subscriptions/:subscriptionId',
  input: z.object({ subscriptionId: z.uuid() }),
  output: z.object({}),
});
