/** What covers the window once its code has come. When that cannot be had it is closed again: the window below would take no keys. */
import { defineAsyncComponent } from 'vue';
import type { Component } from 'vue';
import { useDialogs } from './useDialogs.ts';

type Loader<T> = () => Promise<{ default: T }>;

export function lazyCover<T extends Component>(loader: Loader<T>, close: () => void) {
  return defineAsyncComponent({
    loader,
    onError(_error, _retry, fail) {
      close();
      fail();
    },
  });
}

export function lazyDialog<T extends Component>(loader: Loader<T>) {
  return lazyCover(loader, useDialogs().hide);
}
