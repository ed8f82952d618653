/** Calls on this device while no window is open: the browser's push service is asked for an address, the server told it. */
import type { Connection } from '../connection/connection.ts';
import { localStore } from '../ui/browserStorage.ts';

export type PushState =
  | 'unsupported'
  /** This instance calls nobody. */
  | 'notSetUp'
  /** Refused in the browser's settings, where alone it can be changed. */
  | 'refused'
  | 'off'
  | 'on';

type Server = Pick<Connection, 'client' | 'library'>;

/** The id of this browser's subscription on the server; a sign-out forgets it. */
const KEY = 'holdfast.person.push';

const isPossible = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
const manager = async () => (await navigator.serviceWorker.ready).pushManager;

export async function pushState(server: Server): Promise<PushState> {
  if (!isPossible()) return 'unsupported';
  if (Notification.permission === 'denied') return 'refused';
  if ((await keyOf(server)) === null) return 'notSetUp';
  const isOn = localStore.get(KEY) !== null && Notification.permission === 'granted';
  return isOn && (await (await manager()).getSubscription()) ? 'on' : 'off';
}

/** Only on a person's click: the browser may ask them. Rejects when the push service or the server does not answer. */
export async function turnPushOn(server: Server): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return pushState(server);
  const key = await keyOf(server);
  if (key === null) return 'notSetUp';
  await tell(server, await subscribe(key));
  return 'on';
}

export async function turnPushOff(server: Server): Promise<PushState> {
  const id = localStore.get(KEY);
  const [{ unsubscribeFromPush }, client] = await Promise.all([server.library, server.client]);
  if (id !== null) await client.call(unsubscribeFromPush, { subscriptionId: id });
  localStore.remove(KEY);
  await (await (await manager()).getSubscription())?.unsubscribe();
  return 'off';
}

/** A browser changes the address from time to time, and the server may have forgotten it, or have another key. */
export async function renewPush(server: Server): Promise<void> {
  if (!isPossible() || localStore.get(KEY) === null) return;
  try {
    const key = await keyOf(server);
    if (key === null) return;
    if (await (await manager()).getSubscription()) await tell(server, await subscribe(key));
    else localStore.remove(KEY);
  } catch {
    // Without a server it stays as it was; the next window tries again.
  }
}

/** The one that is there, unless it was made for another key. */
async function subscribe(key: string): Promise<PushSubscription> {
  const push = await manager();
  const before = await push.getSubscription();
  if (before && isFor(before, key)) return before;
  await before?.unsubscribe();
  return push.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function isFor({ options }: PushSubscription, key: string): boolean {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer());
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === key;
}

async function tell({ library, client }: Server, subscription: PushSubscription): Promise<void> {
  const [{ subscribeToPush }, holdfast] = await Promise.all([library, client]);
  const { endpoint, keys } = subscription.toJSON() as { endpoint: string; keys: { p256dh: string; auth: string } };
  const { id } = await holdfast.call(subscribeToPush, { endpoint, keys });
  localStore.set(KEY, id);
}

async function keyOf({ library, client }: Server): Promise<string | null> {
  const [{ getPushKey }, holdfast] = await Promise.all([library, client]);
  return (await holdfast.call(getPushKey, {})).key;
}
