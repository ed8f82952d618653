/** What this browser does not give the app, for those who show it. */
import { shallowReadonly, shallowRef } from 'vue';
import { onLacks, type Lack } from './lacks.ts';

const lacks = shallowRef<ReadonlySet<Lack>>(new Set());
onLacks((found) => (lacks.value = found));

export function useLacks() {
  return { lacks: shallowReadonly(lacks) };
}
