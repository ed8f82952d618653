/** The person's command-line tokens, as the server tells them while the dialog is open. Nothing of them is kept here. */
import { shallowRef } from 'vue';
import type { AccessToken } from '../../protocol/tokens.ts';
import type { Connection } from '../connection/connection.ts';
import { sentenceOf } from '../ui/errorText.ts';

export function useTokens(connection: Connection) {
  /** Null until the server has answered. */
  const tokens = shallowRef<AccessToken[] | null>(null);
  /** The token made last: shown once, and nowhere afterwards. */
  const made = shallowRef<{ id: string; name: string; token: string } | null>(null);
  const trouble = shallowRef('');
  const isBusy = shallowRef(false);

  /** False when it did not work; `trouble` says why. */
  async function act(work: () => Promise<void>): Promise<boolean> {
    trouble.value = '';
    isBusy.value = true;
    try {
      await work();
      return true;
    } catch (error) {
      trouble.value = sentenceOf(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  const fetch = () =>
    act(async () => {
      const [{ listTokens }, client] = await Promise.all([connection.library, connection.client]);
      tokens.value = (await client.call(listTokens, {})).tokens;
    });

  const make = (name: string, lifetimeDays: number) =>
    act(async () => {
      const [{ createToken }, client] = await Promise.all([connection.library, connection.client]);
      const { token, ...rest } = await client.call(createToken, { name, lifetimeDays });
      made.value = { id: rest.id, name: rest.name, token };
      tokens.value = [rest, ...(tokens.value ?? [])];
    });

  const revoke = (tokenId: string) =>
    act(async () => {
      const [{ revokeToken }, client] = await Promise.all([connection.library, connection.client]);
      await client.call(revokeToken, { tokenId });
      tokens.value = (tokens.value ?? []).filter(({ id }) => id !== tokenId);
      if (made.value?.id === tokenId) made.value = null;
    });

  return { tokens, made, trouble, isBusy, fetch, make, revoke };
}
